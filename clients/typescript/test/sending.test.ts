import {
  createBatch,
  createGradus,
  disconnectWakaTime,
  getMe,
  GradusError,
  listBatches,
  paginate,
  renewing,
  suspendUser,
  type GradusOptions,
  updateMe,
} from '@gradus/client';
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { problem, stub, type Answer } from './stub.js';

const busy = problem(503, 'unavailable', { 'Retry-After': '0' });
const me: Answer = { status: 200, body: { name: 'Ada Brandt' } };

async function talk(t: TestContext, answers: Array<Answer>, options: Partial<GradusOptions> = {}) {
  const { baseUrl, received, close } = await stub(...answers);
  t.after(close);
  return { client: createGradus({ baseUrl, token: 'secret', ...options }), received };
}

describe('a busy server', () => {
  it('is asked again, and the answer is as if nothing had been', async (t) => {
    const { client, received } = await talk(t, [busy, problem(429, 'busy', { 'Retry-After': '0' }), me]);
    assert.equal((await getMe({ client })).data.name, 'Ada Brandt');
    assert.equal(received.length, 3);
  });

  for (const [form, value] of [
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 2_000).toUTCString()],
  ] as const) {
    it(`is left alone as long as it says, in ${form}`, async (t) => {
      const { client, received } = await talk(t, [problem(503, 'unavailable', { 'Retry-After': value() }), me]);
      await getMe({ client });
      const [first, second] = received;
      assert.ok(first && second && second.at - first.at >= 990, `${first?.at} ${second?.at}`);
    });
  }

  it('may be waited for longer than an attempt may take', async (t) => {
    const { client } = await talk(t, [problem(503, 'unavailable', { 'Retry-After': '1' }), me], { timeoutMs: 500 });
    assert.equal((await getMe({ client })).data.name, 'Ada Brandt');
  });

  it('is not waited for too long: the caller hears how long', async (t) => {
    const { client, received } = await talk(t, [problem(503, 'unavailable', { 'Retry-After': '120' })]);
    await assert.rejects(getMe({ client }), { name: 'GradusError', status: 503, code: 'unavailable', retryAfter: 120 });
    assert.equal(received.length, 1);
  });

  it('is given up after the retries', async (t) => {
    const { client, received } = await talk(t, [busy], { retries: 1 });
    await assert.rejects(getMe({ client }), { status: 503 });
    assert.equal(received.length, 2);
  });

  it('is not asked again when a change might happen twice', async (t) => {
    const { client, received } = await talk(t, [busy]);
    await assert.rejects(suspendUser({ client, path: { user_id: 'x' } }), { status: 503 });
    await assert.rejects(updateMe({ client, body: { name: 'Ada' } }), { status: 503 });
    assert.equal(received.length, 2);
  });

  it('is asked again when doing it twice is doing it once', async (t) => {
    const { client, received } = await talk(t, [busy, { status: 200, body: {} }]);
    await disconnectWakaTime({ client });
    assert.deepEqual(
      received.map((r) => r.method),
      ['DELETE', 'DELETE'],
    );
  });

  it('gets a create again with the same key and the same body', async (t) => {
    const { client, received } = await talk(t, [busy, busy, { status: 201, body: {} }]);
    const body = { name: 'Evening', starts_on: '2026-11-02', ends_on: '2027-02-26', time_zone: 'UTC' };
    const headers = { 'Idempotency-Key': 'mine-1' };
    await createBatch({ client, body, headers });
    assert.deepEqual(
      received.map((r) => r.headers['idempotency-key']),
      ['mine-1', 'mine-1', 'mine-1'],
    );
    for (const { body: sent } of received) assert.deepEqual(JSON.parse(sent), body);
  });

  it('does not hold up who has stopped waiting', async (t) => {
    const { client, received } = await talk(t, [problem(503, 'unavailable', { 'Retry-After': '20' })]);
    const stop = new AbortController();
    const call = getMe({ client, signal: stop.signal });
    while (received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    setTimeout(() => stop.abort(), 20);
    const began = performance.now();
    await assert.rejects(call, { name: 'AbortError' });
    assert.ok(performance.now() - began < 5_000);
  });
});

describe('a create', () => {
  it('has a key of its own each time', async (t) => {
    const { client, received } = await talk(t, [{ status: 201, body: {} }]);
    const body = { name: 'Evening', starts_on: '2026-11-02', ends_on: '2027-02-26', time_zone: 'UTC' };
    await createBatch({ client, body });
    await createBatch({ client, body });
    const [one, other] = received.map((r) => r.headers['idempotency-key']);
    assert.match(String(one), /^[0-9a-z-]{20,}$/);
    assert.notEqual(one, other);
  });
});

describe('no answer', { timeout: 10_000 }, () => {
  it('ends at the time limit', async (t) => {
    const { client } = await talk(t, ['silence'], { timeoutMs: 50 });
    await assert.rejects(getMe({ client }), { name: 'TimeoutError' });
  });

  it('ends at the time limit in the middle of the answer, too', async (t) => {
    const { client } = await talk(t, ['half'], { timeoutMs: 50 });
    await assert.rejects(listBatches({ client }), { name: 'TimeoutError' });
  });

  it('ends when the caller says so', async (t) => {
    const { client } = await talk(t, ['silence']);
    await assert.rejects(getMe({ client, signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' });
    await assert.rejects(getMe({ client, signal: AbortSignal.abort() }), { name: 'AbortError' });
  });

  it('rejects as fetch does, also for who asked for failures as values', async (t) => {
    const { client } = await talk(t, ['hang up']);
    await assert.rejects(getMe({ client, throwOnError: false }), TypeError);
  });
});

describe('an answer of somebody else', () => {
  it('is a GradusError with the status', async (t) => {
    const { client } = await talk(t, [{ status: 502, body: '<h1>Bad Gateway</h1>' }]);
    const error: unknown = await getMe({ client }).catch((e: unknown) => e);
    assert.ok(error instanceof GradusError);
    assert.deepEqual([error.status, error.code, error.errors], [502, 'unknown', []]);
    assert.match(error.message, /502/);
  });
});

describe('a session', () => {
  it('starts once for calls at the same time, and again when it has ended', async (t) => {
    let sessions = 0;
    const token = renewing(async () => `token-${++sessions}`);
    const ended = problem(401, 'session_expired');
    const { client, received } = await talk(t, [me, me, ended, ended, me], { token });
    await Promise.all([getMe({ client }), getMe({ client })]);
    assert.equal(sessions, 1);
    await Promise.all([getMe({ client }), getMe({ client })]);
    assert.equal(sessions, 2);
    const sent = received.map((r) => r.headers.authorization?.replace('Bearer token-', ''));
    assert.deepEqual(sent.sort(), ['1', '1', '1', '1', '2', '2']);
  });

  it('is renewed for a change as well, with its body', async (t) => {
    const token = (refused?: string) => (refused ? 'fresh' : 'stale');
    const { client, received } = await talk(t, [problem(401, 'session_expired'), me], { token });
    await updateMe({ client, body: { name: 'Ada' } });
    assert.deepEqual(
      received.map((r) => [r.headers.authorization, r.body]),
      [
        ['Bearer stale', '{"name":"Ada"}'],
        ['Bearer fresh', '{"name":"Ada"}'],
      ],
    );
  });

  it('is not renewed for ever', async (t) => {
    const tokens = ['one', 'two', 'three'];
    const token = () => tokens.shift();
    const { client, received } = await talk(t, [problem(401, 'unauthenticated')], { token });
    await assert.rejects(getMe({ client }), { code: 'unauthenticated' });
    assert.deepEqual([received.length, tokens], [2, ['three']]);
  });

  it('that cannot start fails the call, and the next call tries again', async (t) => {
    let tries = 0;
    const token = renewing(async () => {
      if (++tries === 1) throw new Error('no password');
      return 'token';
    });
    const { client } = await talk(t, [me], { token });
    await assert.rejects(getMe({ client }), { message: 'no password' });
    assert.equal((await getMe({ client })).data.name, 'Ada Brandt');
  });

  it('is sent as a bearer token alone: two credentials are one too many', async (t) => {
    const { client, received } = await talk(t, [me]);
    await getMe({ client });
    assert.equal(received[0]?.headers.authorization, 'Bearer secret');
    assert.equal(received[0]?.headers.cookie, undefined);
  });
});

describe('every request', () => {
  it('says which client it comes from', async (t) => {
    const { client, received } = await talk(t, [me]);
    await getMe({ client });
    assert.match(received[0]?.headers['user-agent'] ?? '', /^gradus-typescript\/\d+\.\d+\.\d+ \(api 1\.\d+\.\d+\)$/);
  });

  it('may go over another fetch', async (t) => {
    const { client } = await talk(t, ['silence'], { fetch: async () => Response.json({ name: 'From afar' }) });
    assert.equal((await getMe({ client })).data.name, 'From afar');
  });

  it('of a list goes on where the page before ended, and begins where it is told', async (t) => {
    const page = (next: string | null) => ({ status: 200, body: { items: [{ id: next }], next } });
    const { client, received } = await talk(t, [page('b&c'), page('d'), page(null)]);
    const ids: Array<string | null> = [];
    for await (const batch of paginate(listBatches, { client, query: { after: 'a', status: 'active' } }))
      ids.push(batch.id);
    assert.deepEqual(ids, ['b&c', 'd', null]);
    const asked = received.map((r) => new URL(r.url, 'http://x').searchParams);
    assert.deepEqual(
      asked.map((q) => [q.get('after'), q.get('status')]),
      [
        ['a', 'active'],
        ['b&c', 'active'],
        ['d', 'active'],
      ],
    );
  });
});
