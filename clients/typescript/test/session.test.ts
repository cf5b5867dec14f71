import { createGradus, getMe, isGradusError, reauthenticate, register, signOut, type Session } from '@gradus/client';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { school } from './school.js';
import { problem, stub } from './stub.js';

const baseUrl = school.api;
const password = 'seven quiet paper boats';

/** Returns a new session whose access token the server rejects, as it does after a while. */
async function expired(name: string): Promise<Session> {
  const { data } = await register({
    client: createGradus({ baseUrl }),
    body: { email: `${name}@new.example`, name, password },
    throwOnError: true,
  });
  return { ...data, token: 'expired' };
}

describe('a session', () => {
  it('is renewed once for all concurrent calls', async () => {
    const session = await expired('sela');
    const renewed: Array<Session> = [];
    const client = createGradus({ baseUrl, session, onSessionChange: (next) => renewed.push(next) });
    const names = await Promise.all(Array.from({ length: 20 }, async () => (await getMe({ client })).data?.name));
    assert.deepEqual(new Set(names), new Set(['sela']));
    assert.equal(renewed.length, 1);
    assert.notEqual(renewed[0]?.refresh_token, session.refresh_token);

    // What was reported goes on where this client ended.
    const next = createGradus({ baseUrl, session: { ...(renewed[0] as Session), token: 'expired again' } });
    assert.equal((await getMe({ client: next })).data?.name, 'sela');
    await signOut({ client: next });
    const error = await getMe({ client: next }).catch((e: unknown) => e);
    assert.ok(isGradusError(error));
    assert.deepEqual([error.status, error.code], [401, 'refresh_token_invalid']);
  });

  it('keeps the tokens of reauthentication', async () => {
    let last: Session | undefined;
    const client = createGradus({ baseUrl, session: await expired('rune'), onSessionChange: (next) => (last = next) });
    const { data } = await reauthenticate({ client, body: { current_password: password } });
    assert.equal(data?.refresh_token, last?.refresh_token);
    await getMe({ client });
    await getMe({ client: createGradus({ baseUrl, token: last?.token }) });
  });

  it('requests a lost response again', async () => {
    const tokens = { token: 'new', refresh_token: 'r2', token_expires_at: null, expires_at: '2026-12-01T00:00:00Z', user: null };
    const server = await stub(problem(401, 'token_expired'), 'hang up', { status: 200, body: tokens }, { status: 200, body: {} });
    const session = { ...tokens, token: 'old', refresh_token: 'r1' } as unknown as Session;
    await getMe({ client: createGradus({ baseUrl: server.baseUrl, session, retries: 0 }) });
    server.close();
    assert.deepEqual(
      server.received.map(({ url, headers, body }) => [url, headers.authorization, body]),
      [
        ['/api/v1/me', 'Bearer old', ''],
        ['/api/v1/auth/refresh', undefined, '{"refresh_token":"r1"}'],
        ['/api/v1/auth/refresh', undefined, '{"refresh_token":"r1"}'],
        ['/api/v1/me', 'Bearer new', ''],
      ],
    );
  });

  it('fails with the network error of its renewal', async () => {
    const server = await stub(problem(401, 'token_expired'), 'hang up');
    const session = { token: 'old', refresh_token: 'r1' } as Session;
    await assert.rejects(getMe({ client: createGradus({ baseUrl: server.baseUrl, session, retries: 0 }) }), {
      code: 'network_error',
    });
    server.close();
  });

  it('without a refresh token returns the response', async () => {
    const server = await stub(problem(401, 'unauthenticated'));
    const session = { token: 'unknown', refresh_token: null } as Session;
    await assert.rejects(getMe({ client: createGradus({ baseUrl: server.baseUrl, session, retries: 0 }) }), {
      status: 401,
      code: 'unauthenticated',
    });
    server.close();
    assert.equal(server.received.length, 1);
  });
});
