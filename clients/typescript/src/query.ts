/** Options for TanStack Query: for hooks, loaders and prefetching on a server. */
import type { Queries } from './generated/query.gen.js';
import { gradusKey } from './query-core.js';

export * from './generated/query.gen.js';
export {
  flatten,
  gradusKey,
  type Flat,
  type GradusQueryKey,
  type Variables,
  type Versioned,
} from './query-core.js';

/**
 * Returns a key that matches all queries of an operation, or only those with the given path or
 * filters: `queryClient.invalidateQueries({ queryKey: queryKey('getBatch', { path }) })`. For
 * the key of exactly one query, use its options: `getBatchOptions({ client, path }).queryKey`.
 */
export function queryKey<K extends keyof Queries>(
  operation: K,
  only?: Filter<Queries[K]>,
) {
  return only ? ([...gradusKey, operation, only] as const) : ([...gradusKey, operation] as const);
}

type Filter<D> = {
  [K in keyof D as K extends 'path' | 'query' ? ([NonNullable<D[K]>] extends [never] ? never : K) : never]?: Partial<
    NonNullable<D[K]>
  >;
};
