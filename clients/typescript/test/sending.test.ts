import {
  createBatch,
  createGradus,
  disconnectWakaTime,
  getMe,
  GradusError,
  GradusNetworkError,
  listBatches,
  paginate,
  renewing,
  suspendUser,
  type GradusOptions,
  updateMe,
} from '@gradus/client';
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { problem, stub, type StubResponse } from './stub.js';

const busy = problem(503, 'unavailable', { 'Retry-After': '0' });
const me: StubResponse = { status: 200, body: { name: 'Ada Brandt' } };

async function setUp(t: TestContext, responses: Array<StubResponse>, options: Partial<GradusOptions> = {}) {
  const { baseUrl, received, close } = await stub(...responses);
  t.after(close);
  return { client: createGradus({ baseUrl, token: 'secret', ...options }), received };
}

describe('a busy server (429 or 503)', () => {
  it('is retried until it succeeds', async (t) => {
    const { client, received } = await setUp(t, [busy, problem(429, 'busy', { 'Retry-After': '0' }), me]);
    assert.equal((await getMe({ client })).data.name, 'Ada Brandt');
    assert.equal(received.length, 3);
  });

  for (const [form, value] of [
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 2_000).toUTCString()],
  ] as const) {
    it(`is retried after Retry-After, in ${form}`, async (t) => {
      const { client, received } = await setUp(t, [problem(503, 'unavailable', { 'Retry-After': value() }), me]);
      await getMe({ client });
      const [first, second] = received;
      assert.ok(first && second && second.at - first.at >= 990, `${first?.at} ${second?.at}`);
    });
  }

  it('can ask for a wait longer than the time limit of an attempt', async (t) => {
    const { client } = await setUp(t, [problem(503, 'unavailable', { 'Retry-After': '1' }), me], { timeoutMs: 500 });
    assert.equal((await getMe({ client })).data.name, 'Ada Brandt');
  });

  it('is not retried if Retry-After is too long, which the error reports', async (t) => {
    const { client, received } = await setUp(t, [problem(503, 'unavailable', { 'Retry-After': '120' })]);
    await assert.rejects(getMe({ client }), { name: 'GradusError', status: 503, code: 'unavailable', retryAfter: 120 });
    assert.equal(received.length, 1);
  });

  it('fails the call after the last retry', async (t) => {
    const { client, received } = await setUp(t, [busy], { retries: 1 });
    await assert.rejects(getMe({ client }), { status: 503 });
    assert.equal(received.length, 2);
  });

  it('is not retried for requests that are not idempotent', async (t) => {
    const { client, received } = await setUp(t, [busy]);
    await assert.rejects(suspendUser({ client, path: { user_id: 'x' } }), { status: 503 });
    await assert.rejects(updateMe({ client, body: { name: 'Ada' } }), { status: 503 });
    assert.equal(received.length, 2);
  });

  it('is retried for idempotent requests', async (t) => {
    const { client, received } = await setUp(t, [busy, { status: 200, body: {} }]);
    await disconnectWakaTime({ client });
    assert.deepEqual(
      received.map((r) => r.method),
      ['DELETE', 'DELETE'],
    );
  });

  it('is retried for a create, with the same key and body', async (t) => {
    const { client, received } = await setUp(t, [busy, busy, { status: 201, body: {} }]);
    const body = { name: 'Evening', starts_on: '2026-11-02', ends_on: '2027-02-26', time_zone: 'UTC' };
    const headers = { 'Idempotency-Key': 'mine-1' };
    await createBatch({ client, body, headers });
    assert.deepEqual(
      received.map((r) => r.headers['idempotency-key']),
      ['mine-1', 'mine-1', 'mine-1'],
    );
    for (const { body: sent } of received) assert.deepEqual(JSON.parse(sent), body);
  });

  it('does not delay a call that is aborted', async (t) => {
    const { client, received } = await setUp(t, [problem(503, 'unavailable', { 'Retry-After': '20' })]);
    const controller = new AbortController();
    const call = getMe({ client, signal: controller.signal });
    while (received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    setTimeout(() => controller.abort(), 20);
    const start = performance.now();
    await assert.rejects(call, { code: 'aborted' });
    assert.ok(performance.now() - start < 5_000);
  });
});

describe('a create', () => {
  it('has a new key for each call', async (t) => {
    const { client, received } = await setUp(t, [{ status: 201, body: {} }]);
    const body = { name: 'Evening', starts_on: '2026-11-02', ends_on: '2027-02-26', time_zone: 'UTC' };
    await createBatch({ client, body });
    await createBatch({ client, body });
    const [first, second] = received.map((r) => r.headers['idempotency-key']);
    assert.match(String(first), /^[0-9a-z-]{20,}$/);
    assert.notEqual(first, second);
  });
});

describe('a call without a response', { timeout: 10_000 }, () => {
  const failureOf = (call: Promise<unknown>) =>
    call.then(
      () => assert.fail('the call succeeded'),
      (error: unknown) => (assert.ok(error instanceof GradusNetworkError, String(error)), error),
    );

  it('times out', async (t) => {
    const { client } = await setUp(t, ['silence'], { timeoutMs: 50 });
    assert.equal((await failureOf(getMe({ client }))).code, 'timeout');
  });

  it('times out in the middle of the response', async (t) => {
    const { client } = await setUp(t, ['half'], { timeoutMs: 50 });
    assert.equal((await failureOf(listBatches({ client }))).code, 'timeout');
  });

  it('is not retried after the time limit', async (t) => {
    const { client, received } = await setUp(t, ['silence'], { timeoutMs: 50 });
    await failureOf(getMe({ client }));
    assert.equal(received.length, 1);
  });

  it('ends when the caller aborts it', async (t) => {
    const { client } = await setUp(t, ['silence']);
    assert.equal((await failureOf(getMe({ client, signal: AbortSignal.timeout(20) }))).code, 'timeout');
    const reason = new Error('left the page');
    const aborted = await failureOf(getMe({ client, signal: AbortSignal.abort(reason) }));
    assert.deepEqual([aborted.code, aborted.cause], ['aborted', reason]);
  });

  it('has the properties of an error response', async (t) => {
    const { client } = await setUp(t, ['hang up'], { retries: 0 });
    const error = await failureOf(getMe({ client }));
    assert.equal(error.code, 'network_error');
    assert.equal(error.name, 'GradusNetworkError');
    assert.ok(error.cause instanceof TypeError);
    assert.match(error.message, /^The server cannot be reached: /);
    assert.deepEqual([error.status, error.retryAfter, error.errors], [undefined, undefined, []]);
  });

  it('is a value with throwOnError: false', async (t) => {
    const { client } = await setUp(t, ['hang up'], { retries: 0 });
    const { data, error, response } = await getMe({ client, throwOnError: false });
    assert.deepEqual([data, response, error?.code], [undefined, undefined, 'network_error']);
  });

  it('is retried if it is idempotent', async (t) => {
    const { client, received } = await setUp(t, ['hang up', 'hang up', me]);
    assert.equal((await getMe({ client })).data.name, 'Ada Brandt');
    assert.equal(received.length, 3);
  });

  it('is not retried if it is not idempotent', async (t) => {
    const { client, received } = await setUp(t, ['hang up']);
    assert.equal((await failureOf(updateMe({ client, body: { name: 'Ada' } }))).code, 'network_error');
    assert.equal(received.length, 1);
  });

  it('is not retried with If-Match, because the retry could fail for its own success', async (t) => {
    const { client, received } = await setUp(t, ['hang up', { status: 200, body: {} }]);
    await assert.rejects(disconnectWakaTime({ client, headers: { 'If-Match': '"3"' } }), { code: 'network_error' });
    assert.equal(received.length, 1);
    await disconnectWakaTime({ client, headers: { 'If-Match': '*' } });
  });

  it('is reported for a success without JSON', async (t) => {
    const { client } = await setUp(t, [{ status: 200, body: '<h1>Welcome to the hotel</h1>' }]);
    assert.equal((await failureOf(getMe({ client, parseAs: 'json' }))).code, 'invalid_response');
  });
});

describe('a response that is not from Gradus', () => {
  it('is a GradusError with the status', async (t) => {
    const { client } = await setUp(t, [{ status: 502, body: '<h1>Bad Gateway</h1>' }]);
    const error: unknown = await getMe({ client }).catch((e: unknown) => e);
    assert.ok(error instanceof GradusError);
    assert.deepEqual([error.status, error.code, error.errors], [502, 'unknown', []]);
    assert.match(error.message, /502/);
  });
});

describe('a session', () => {
  it('is shared by concurrent calls, and renewed when it has expired', async (t) => {
    let sessions = 0;
    const token = renewing(async () => `token-${++sessions}`);
    const expired = problem(401, 'session_expired');
    const { client, received } = await setUp(t, [me, me, expired, expired, me], { token });
    await Promise.all([getMe({ client }), getMe({ client })]);
    assert.equal(sessions, 1);
    await Promise.all([getMe({ client }), getMe({ client })]);
    assert.equal(sessions, 2);
    const sent = received.map((r) => r.headers.authorization?.replace('Bearer token-', ''));
    assert.deepEqual(sent.sort(), ['1', '1', '1', '1', '2', '2']);
  });

  it('is renewed for an update, which is sent again with its body', async (t) => {
    const token = (rejected?: string) => (rejected ? 'fresh' : 'stale');
    const { client, received } = await setUp(t, [problem(401, 'session_expired'), me], { token });
    await updateMe({ client, body: { name: 'Ada' } });
    assert.deepEqual(
      received.map((r) => [r.headers.authorization, r.body]),
      [
        ['Bearer stale', '{"name":"Ada"}'],
        ['Bearer fresh', '{"name":"Ada"}'],
      ],
    );
  });

  it('is renewed once per call', async (t) => {
    const tokens = ['one', 'two', 'three'];
    const token = () => tokens.shift();
    const { client, received } = await setUp(t, [problem(401, 'unauthenticated')], { token });
    await assert.rejects(getMe({ client }), { code: 'unauthenticated' });
    assert.deepEqual([received.length, tokens], [2, ['three']]);
  });

  it('fails the call if it cannot be started, and the next call tries again', async (t) => {
    let attempts = 0;
    const token = renewing(async () => {
      if (++attempts === 1) throw new Error('no password');
      return 'token';
    });
    const { client } = await setUp(t, [me], { token });
    await assert.rejects(getMe({ client }), { code: 'token_unavailable', cause: new Error('no password') });
    assert.equal((await getMe({ client })).data.name, 'Ada Brandt');
  });

  it('is sent as a bearer token, without a cookie', async (t) => {
    const { client, received } = await setUp(t, [me]);
    await getMe({ client });
    assert.equal(received[0]?.headers.authorization, 'Bearer secret');
    assert.equal(received[0]?.headers.cookie, undefined);
  });
});

describe('every request', () => {
  it('has a User-Agent that names the client', async (t) => {
    const { client, received } = await setUp(t, [me]);
    await getMe({ client });
    assert.match(received[0]?.headers['user-agent'] ?? '', /^gradus-typescript\/\d+\.\d+\.\d+ \(api 1\.\d+\.\d+\)$/);
  });

  it('can be sent with another fetch', async (t) => {
    const { client } = await setUp(t, ['silence'], { fetch: async () => Response.json({ name: 'Custom fetch' }) });
    assert.equal((await getMe({ client })).data.name, 'Custom fetch');
  });

  it('for a page of a list has its cursor and the filters', async (t) => {
    const page = (next: string | null) => ({ status: 200, body: { items: [{ id: next }], next } });
    const { client, received } = await setUp(t, [page('b&c'), page('d'), page(null)]);
    const ids: Array<string | null> = [];
    for await (const batch of paginate(listBatches, { client, query: { after: 'a', status: 'active' } }))
      ids.push(batch.id);
    assert.deepEqual(ids, ['b&c', 'd', null]);
    const queries = received.map((r) => new URL(r.url, 'http://x').searchParams);
    assert.deepEqual(
      queries.map((q) => [q.get('after'), q.get('status')]),
      [
        ['a', 'active'],
        ['b&c', 'active'],
        ['d', 'active'],
      ],
    );
  });
});
