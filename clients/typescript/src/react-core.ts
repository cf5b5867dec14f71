/** What the generated React hooks have in common. */
import {
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type QueryClient,
  type QueryKey,
  type UseInfiniteQueryOptions,
  type UseInfiniteQueryResult,
  type UseMutationOptions,
  type UseMutationResult,
  type UseQueryOptions,
  type UseQueryResult,
} from '@tanstack/react-query';
import { createContext, createElement, useContext, type ReactElement, type ReactNode } from 'react';
import type { Client } from './generated/client/index.js';
import { isGradusError } from './errors.js';
import { gradusKey, split, type Bound, type GradusQueryKey } from './query-core.js';

const Context = createContext<Client | undefined>(undefined);

/** Gives all hooks below it their client. Put it inside of TanStack Query's provider. */
export function GradusProvider({ client, children }: { client: Client; children?: ReactNode }): ReactElement {
  return createElement(Context.Provider, { value: client }, children);
}

/** Returns the client of the nearest `GradusProvider`. */
export function useGradus(): Client {
  const client = useContext(Context);
  if (!client) throw new Error('Wrap the component in <GradusProvider client={createGradus(…)}>.');
  return client;
}

/** The options of TanStack Query for a query hook, next to the arguments of the operation. */
export type QueryHookArgs<Result, Fails, T> = Omit<
  UseQueryOptions<Result, Fails, T, GradusQueryKey>,
  'queryKey' | 'queryFn' | 'queryHash' | 'queryKeyHashFn'
>;

/** The options of TanStack Query for an infinite list. */
export type InfiniteHookArgs<Page, Fails, T> = Omit<
  UseInfiniteQueryOptions<Page, Fails, T, GradusQueryKey, string | null>,
  'queryKey' | 'queryFn' | 'queryHash' | 'queryKeyHashFn' | 'initialPageParam' | 'getNextPageParam' | 'getPreviousPageParam'
>;

/** The options of a mutation hook. */
export type MutationHookOptions<Result, Fails, V, C> = Omit<
  UseMutationOptions<Result, Fails, V, C>,
  'mutationFn' | 'mutationKey'
> & {
  /**
   * The queries to fetch again after the mutation: all of this API by default, because a change
   * shows in lists, totals and dashboards. After `version_mismatch` they are fetched again too.
   */
  invalidates?: 'all' | 'none' | ReadonlyArray<QueryKey> | undefined;
};

// The generated hooks state the types. The options are those of the same operation.
type Options = (args: any) => any;

export function useOperation<R, F, T>(make: Options, args: QueryHookArgs<R, F, T>): UseQueryResult<T, F> {
  const [request, options] = split(args);
  return useQuery({ ...make({ ...request, client: useGradus() }), ...options });
}

export function useOperationInfinite<P, F, T>(
  make: Options,
  args: InfiniteHookArgs<P, F, T>,
): UseInfiniteQueryResult<T, F> {
  const [request, options] = split(args);
  return useInfiniteQuery<P, F, T, GradusQueryKey, string | null>({
    ...make({ ...request, client: useGradus() }),
    ...options,
  });
}

export function useOperationMutation<R, F, V, C>(
  make: (bound: Bound) => UseMutationOptions<R, F, V>,
  { invalidates = 'all', ...options }: MutationHookOptions<R, F, V, C>,
  effect: 'invalidate' | 'reset',
): UseMutationResult<R, F, V, C> {
  const queries = useQueryClient();
  const { mutationKey, mutationFn, retry } = make({ client: useGradus() }) as UseMutationOptions<R, F, V, C>;
  return useMutation<R, F, V, C>({
    ...(mutationKey && { mutationKey }),
    ...(mutationFn && { mutationFn }),
    ...(retry !== undefined && { retry }),
    ...options,
    onSuccess: async (...args) => {
      await options.onSuccess?.(...args); // first, so that it can store a token
      if (effect === 'reset') void queries.resetQueries({ queryKey: gradusKey });
      else invalidate(queries, invalidates);
    },
    onError: async (...args) => {
      await options.onError?.(...args);
      const [error] = args;
      if (isGradusError(error) && error.code === 'version_mismatch') invalidate(queries, invalidates);
    },
  });
}

// invalidate does not wait for the queries, so that the mutation is done when it is done.
function invalidate(queries: QueryClient, which: 'all' | 'none' | ReadonlyArray<QueryKey>): void {
  if (which === 'none') return;
  for (const queryKey of which === 'all' ? [gradusKey] : which) void queries.invalidateQueries({ queryKey });
}

