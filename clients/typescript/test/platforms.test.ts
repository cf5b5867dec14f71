// The platforms that the client runs on, other than Node.
import { createGradus, getMe, GradusNetworkError, listBatches } from '@gradus/client';
import { getMeOptions } from '@gradus/client/query';
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { stub } from './stub.js';

/** Records the second argument of fetch, and the cache mode of its request. */
function recording() {
  const inits: Array<{ init: (RequestInit & { next?: unknown }) | undefined; request: Request }> = [];
  const fetch = async (request: RequestInfo | URL, init?: RequestInit) => {
    inits.push({ init, request: request as Request });
    return Response.json({ name: 'Ada' });
  };
  return { inits, fetch: fetch as typeof globalThis.fetch };
}

describe('options of fetch that frameworks add', () => {
  const baseUrl = 'http://gradus.example/api/v1';
  const next = { revalidate: 60, tags: ['me'] };

  it('pass for each call', async () => {
    const { inits, fetch } = recording();
    const client = createGradus({ baseUrl, fetch });
    await getMe({ client, next, cache: 'force-cache', credentials: 'omit' });
    assert.deepEqual(inits[0]?.init?.next, next);
    assert.deepEqual([inits[0]?.request.cache, inits[0]?.request.credentials], ['force-cache', 'omit']);
  });

  it('pass for all calls of a client, and a call can set its own', async () => {
    const { inits, fetch } = recording();
    const client = createGradus({ baseUrl, fetch, next, cache: 'no-store', credentials: 'include' });
    await getMe({ client });
    await getMe({ client, next: { revalidate: false }, cache: 'reload' });
    assert.deepEqual(inits.map(({ init }) => init?.next), [next, { revalidate: false }]);
    assert.deepEqual(inits.map(({ request }) => request.cache), ['no-store', 'reload']);
    assert.equal(inits[1]?.request.credentials, 'include');
  });

  it('pass through the options for TanStack Query', async () => {
    const { inits, fetch } = recording();
    const { queryFn } = getMeOptions({ client: createGradus({ baseUrl, fetch }), next });
    await (queryFn as (context: { signal: AbortSignal }) => Promise<unknown>)({ signal: new AbortController().signal });
    assert.deepEqual(inits[0]?.init?.next, next);
  });

  it('are absent unless they are set', async () => {
    const { inits, fetch } = recording();
    await getMe({ client: createGradus({ baseUrl, fetch }) });
    assert.deepEqual(Object.keys(inits[0]?.init ?? {}), ['signal']);
  });
});

// React Native before 0.87 has neither of them, and its signals have no reason.
describe('a platform without AbortSignal.timeout and AbortSignal.any', () => {
  const without = async (t: TestContext) => {
    for (const name of ['timeout', 'any'] as const) {
      const known = Object.getOwnPropertyDescriptor(AbortSignal, name);
      if (!known) continue;
      Object.defineProperty(AbortSignal, name, { value: undefined, configurable: true });
      t.after(() => Object.defineProperty(AbortSignal, name, known));
    }
    const reason = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'reason');
    Object.defineProperty(AbortSignal.prototype, 'reason', { get: () => undefined, configurable: true });
    t.after(() => Object.defineProperty(AbortSignal.prototype, 'reason', reason ?? {}));
    const { baseUrl, received, close } = await stub('silence');
    t.after(close);
    return { client: createGradus({ baseUrl, timeoutMs: 50 }), received };
  };

  it('limits the time of a request', async (t) => {
    const { client } = await without(t);
    assert.equal(AbortSignal.timeout, undefined);
    await assert.rejects(listBatches({ client }), { name: 'GradusNetworkError', code: 'timeout' });
  });

  it('lets the caller abort a request', async (t) => {
    const { client } = await without(t);
    const controller = new AbortController();
    const call = getMe({ client, signal: controller.signal });
    controller.abort();
    await assert.rejects(call, (error: unknown) => error instanceof GradusNetworkError && error.code === 'aborted');
  });
});
