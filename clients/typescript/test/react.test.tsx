import './dom.js';
import { createGradus, fieldErrors, GradusError, GradusNetworkError } from '@gradus/client';
import { flatten, getBatchOptions, listStudentsInfiniteOptions, queryKey } from '@gradus/client/query';
import {
  GradusProvider,
  useCreateBatch,
  useGetBatch,
  useGetMe,
  useJoinBatch,
  useListStudentsInfinite,
  useSignOut,
  useSuspendUser,
  useUpdateBatch,
} from '@gradus/client/react';
import { dehydrate, hydrate, QueryClient, QueryClientProvider, useInfiniteQuery } from '@tanstack/react-query';
import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import assert from 'node:assert/strict';
import { afterEach, describe, it, type TestContext } from 'node:test';
import { StrictMode, type ReactNode } from 'react';
import { renderToString } from 'react-dom/server';
import { problem, stub, type StubResponse } from './stub.js';

const path = { batch_id: '01a03412-2700-7d3a-b1c8-5e7f90a2436d' };
const batch = (etag: string, name = 'Evening'): StubResponse => ({
  status: 200,
  headers: { ETag: etag },
  body: { id: path.batch_id, name },
});
const busy = problem(503, 'unavailable', { 'Retry-After': '0' });
const newBatch = { name: 'Evening', starts_on: '2026-11-02', ends_on: '2027-02-26', time_zone: 'UTC' };

afterEach(cleanup);

/** Starts a stub, and returns the components around a hook, as an application has them. */
async function setUp(t: TestContext, ...responses: Array<StubResponse>) {
  const { baseUrl, received, close } = await stub(...responses);
  t.after(close);
  const client = createGradus({ baseUrl, token: 'secret' });
  // The default retries of queries: three. Only the timers that collect old data are off, because
  // they would keep the process running.
  const queries = new QueryClient({ defaultOptions: { queries: { gcTime: Infinity }, mutations: { gcTime: Infinity } } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>
      <GradusProvider client={client}>{children}</GradusProvider>
    </QueryClientProvider>
  );
  return { client, queries, received, wrapper };
}

describe('a query hook', () => {
  it('returns the resource with its ETag', async (t) => {
    const { wrapper } = await setUp(t, batch('"3"'));
    const { result } = renderHook(() => useGetBatch({ path }), { wrapper });
    await waitFor(() => assert.ok(result.current.isSuccess));
    const { data } = result.current;
    assert.deepEqual([data?.name, data?.etag], ['Evening', '"3"']);
  });

  it('keeps the ETag of the data through refetches, select and hydration', async (t) => {
    const { queries, client, wrapper } = await setUp(t, batch('"3"'), batch('"4"'));
    const { result } = renderHook(() => useGetBatch({ path, select: (b) => b.etag }), { wrapper });
    await waitFor(() => assert.equal(result.current.data, '"3"'));
    await act(() => queries.invalidateQueries({ queryKey: queryKey('getBatch', { path }) }));
    await waitFor(() => assert.equal(result.current.data, '"4"'));

    const browser = new QueryClient();
    t.after(() => browser.clear());
    hydrate(browser, JSON.parse(JSON.stringify(dehydrate(queries))));
    assert.equal(browser.getQueryData(getBatchOptions({ client, path }).queryKey)?.etag, '"4"');
  });

  it('sends one request for a 404', async (t) => {
    const { wrapper, received } = await setUp(t, problem(404, 'batch_not_found'));
    const { result } = renderHook(() => useGetBatch({ path }), { wrapper });
    await waitFor(() => assert.ok(result.current.isError));
    assert.ok(result.current.error instanceof GradusError);
    assert.equal(result.current.error.code, 'batch_not_found');
    assert.equal(result.current.failureCount, 1);
    assert.equal(received.length, 1);
  });

  it('sends three requests for a 503, which are those of the client', async (t) => {
    const { wrapper, received } = await setUp(t, busy);
    const { result } = renderHook(() => useGetMe(), { wrapper });
    await waitFor(() => assert.ok(result.current.isError), { timeout: 10_000 });
    assert.equal(received.length, 3);
  });

  it('reports Retry-After in its error', async (t) => {
    const { wrapper, received } = await setUp(t, problem(503, 'unavailable', { 'Retry-After': '120' }));
    const { result } = renderHook(() => useGetMe(), { wrapper });
    await waitFor(() => assert.equal(result.current.error?.retryAfter, 120));
    assert.equal(received.length, 1);
  });

  it('fails with a GradusNetworkError without a response', async (t) => {
    const { wrapper } = await setUp(t, 'hang up');
    const { result } = renderHook(() => useGetMe(), { wrapper });
    await waitFor(() => assert.ok(result.current.error), { timeout: 10_000 });
    assert.ok(result.current.error instanceof GradusNetworkError);
    assert.equal(result.current.error.code, 'network_error');
  });

  it('works in strict mode', async (t) => {
    const { wrapper: Wrapper } = await setUp(t, batch('"3"'));
    const wrapper = ({ children }: { children: ReactNode }) => (
      <StrictMode>
        <Wrapper>{children}</Wrapper>
      </StrictMode>
    );
    const { result } = renderHook(() => ({ batch: useGetBatch({ path }), edit: useUpdateBatch() }), { wrapper });
    await waitFor(() => assert.equal(result.current.batch.data?.etag, '"3"'));
    await act(() => result.current.edit.mutateAsync({ path, body: { name: 'x' }, ifMatch: '"3"' }));
    await waitFor(() => assert.ok(result.current.edit.isSuccess));
  });

  it('renders on a server, with prefetched data', async (t) => {
    const { client, queries, wrapper: Wrapper } = await setUp(t, batch('"3"'));
    await queries.prefetchQuery(getBatchOptions({ client, path }));
    const Name = () => <p>{useGetBatch({ path }).data?.name ?? 'loading'}</p>;
    const html = renderToString(
      <Wrapper>
        <Name />
      </Wrapper>,
    );
    assert.equal(html, '<p>Evening</p>');
  });

  it('passes options of TanStack Query and of fetch on', async (t) => {
    const { wrapper, received } = await setUp(t, batch('"3"'));
    const { result } = renderHook(() => useGetBatch({ path, enabled: false, cache: 'no-store' }), { wrapper });
    assert.equal(result.current.fetchStatus, 'idle');
    assert.equal(received.length, 0);
  });

  it('says what is missing without a provider', (t) => {
    t.mock.method(console, 'error', () => undefined); // React reports the error too
    const wrapper = ({ children }: { children: ReactNode }) => (
      <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>
    );
    assert.throws(() => renderHook(() => useGetMe(), { wrapper }), /Wrap the component in <GradusProvider/);
  });
});

describe('an infinite list', () => {
  const page = (ids: Array<string>, next: string | null): StubResponse => ({
    status: 200,
    body: { items: ids.map((id) => ({ id })), next },
  });

  it('fetches the next page with the cursor, and has the items of all pages', async (t) => {
    const { wrapper, received } = await setUp(t, page(['a', 'b'], 'c&d'), page(['c'], null));
    const { result } = renderHook(() => useListStudentsInfinite({ query: { status: 'active', limit: 2 } }), { wrapper });
    await waitFor(() => assert.ok(result.current.hasNextPage));
    await act(() => result.current.fetchNextPage());
    await waitFor(() => assert.deepEqual(result.current.data?.items.map((s) => s.id), ['a', 'b', 'c']));
    assert.equal(result.current.hasNextPage, false);
    const queries = received.map((r) => new URL(r.url, 'http://x').search);
    assert.deepEqual(queries, ['?status=active&limit=2', '?status=active&limit=2&after=c%26d']);
  });

  it('works with useInfiniteQuery, and shares the data', async (t) => {
    const { client, queries, wrapper, received } = await setUp(t, page(['a'], null));
    const options = listStudentsInfiniteOptions({ client });
    const { result } = renderHook(() => [useInfiniteQuery(options), useListStudentsInfinite()] as const, { wrapper });
    await waitFor(() => assert.equal(result.current[0].data?.items[0]?.id, 'a'));
    await waitFor(() => assert.equal(result.current[1].data?.items[0]?.id, 'a'));
    assert.equal(received.length, 1);
    const cached = queries.getQueryData(options.queryKey);
    assert.ok(cached);
    assert.equal(flatten(cached).items[0]?.id, 'a');
  });

  it('is found by the key of its operation', async (t) => {
    const { queries, wrapper } = await setUp(t, page(['a'], null));
    renderHook(() => useListStudentsInfinite({ query: { status: 'active' } }), { wrapper });
    const found = (key: ReadonlyArray<unknown>) => queries.getQueryCache().findAll({ queryKey: key }).length;
    assert.equal(found(queryKey('listStudents')), 1);
    assert.equal(found(queryKey('listStudents', { query: { status: 'active' } })), 1);
    assert.equal(found(queryKey('listStudents', { query: { search: 'ada' } })), 0);
    assert.equal(found(queryKey('listUsers')), 0);
  });
});

describe('a mutation hook', () => {
  it('sends the ETag as If-Match and returns the new version', async (t) => {
    const { wrapper, received } = await setUp(t, batch('"4"', 'Morning'));
    const { result } = renderHook(() => useUpdateBatch(), { wrapper });
    const updated = await act(() => result.current.mutateAsync({ path, body: { name: 'Morning' }, ifMatch: '"3"' }));
    assert.equal(updated.etag, '"4"');
    const [request] = received;
    assert.deepEqual(
      [request?.method, request?.headers['if-match'], request?.headers['content-type'], request?.body],
      ['PATCH', '"3"', 'application/merge-patch+json', '{"name":"Morning"}'],
    );
  });

  it('fails with version_mismatch, and the current version is fetched', async (t) => {
    const { wrapper, received } = await setUp(t, batch('"3"'), problem(412, 'version_mismatch'), batch('"4"', 'Theirs'));
    const { result } = renderHook(() => ({ batch: useGetBatch({ path }), edit: useUpdateBatch() }), { wrapper });
    await waitFor(() => assert.equal(result.current.batch.data?.etag, '"3"'));
    act(() => result.current.edit.mutate({ path, body: { name: 'Mine' }, ifMatch: result.current.batch.data?.etag ?? null }));
    await waitFor(() => assert.equal(result.current.edit.error?.code, 'version_mismatch'));
    await waitFor(() => assert.deepEqual([result.current.batch.data?.etag, result.current.batch.data?.name], ['"4"', 'Theirs']));
    assert.equal(received.length, 3);
  });

  it('sends one request for a 503 if it is not idempotent', async (t) => {
    const { wrapper, received } = await setUp(t, busy);
    const { result } = renderHook(() => [useUpdateBatch(), useSuspendUser()] as const, { wrapper });
    const [edit, suspend] = result.current;
    await act(() => assert.rejects(edit.mutateAsync({ path, body: {}, ifMatch: '*' }), { code: 'unavailable' }));
    await act(() => assert.rejects(suspend.mutateAsync({ path: { user_id: 'x' }, ifMatch: null }), { status: 503 }));
    assert.equal(received.length, 2);
    assert.equal(received[1]?.headers['if-match'], undefined);
  });

  it('retries a create with the same key, also with retries in the defaults of TanStack Query', async (t) => {
    const { wrapper, queries, received } = await setUp(t, busy);
    queries.setDefaultOptions({ mutations: { retry: 3, gcTime: Infinity } });
    const { result } = renderHook(() => useCreateBatch(), { wrapper });
    await act(() => assert.rejects(result.current.mutateAsync({ body: newBatch, idempotencyKey: 'mine' }), { status: 503 }));
    assert.deepEqual(received.map((r) => r.headers['idempotency-key']), ['mine', 'mine', 'mine']);
  });

  it('reports invalid fields by name', async (t) => {
    const detail = 'Use a name such as America/Chicago.';
    const invalid = problem(422, 'invalid_request', {}, [{ pointer: '/time_zone', parameter: null, code: 'x', detail }]);
    const { wrapper } = await setUp(t, invalid);
    const { result } = renderHook(() => useCreateBatch(), { wrapper });
    act(() => result.current.mutate({ body: newBatch }));
    await waitFor(() => assert.deepEqual(fieldErrors(result.current.error), { time_zone: detail }));
  });

  const me = (name: string): StubResponse => ({ status: 200, body: { name } });

  it('fetches active queries again after a success, and none with invalidates: none', async (t) => {
    const { wrapper, received } = await setUp(t, me('old'), { status: 201, body: {} }, { status: 201, body: {} }, me('new'));
    const hooks = () => ({
      me: useGetMe(),
      silent: useJoinBatch({ invalidates: 'none' }),
      join: useJoinBatch(),
    });
    const { result } = renderHook(hooks, { wrapper });
    await waitFor(() => assert.equal(result.current.me.data?.name, 'old'));
    const body = { registration_key: 'DMVOFU7SBQPJ6SSP4W3EQKDBBS' };
    await act(() => result.current.silent.mutateAsync({ body }));
    assert.equal(received.length, 2);
    await act(() => result.current.join.mutateAsync({ body }));
    await waitFor(() => assert.equal(result.current.me.data?.name, 'new'));
  });

  it('forgets the data of the user when they sign out', async (t) => {
    const signedOut = problem(401, 'unauthenticated');
    const { wrapper } = await setUp(t, me('Ada'), { status: 204, body: '' }, signedOut);
    const { result } = renderHook(() => ({ me: useGetMe(), signOut: useSignOut() }), { wrapper });
    await waitFor(() => assert.equal(result.current.me.data?.name, 'Ada'));
    await act(() => result.current.signOut.mutateAsync());
    await waitFor(() => assert.equal(result.current.me.error?.code, 'unauthenticated'));
    assert.equal(result.current.me.data, undefined);
  });
});
