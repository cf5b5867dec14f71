/** What the generated options for TanStack Query have in common. */
import type {
  DataTag,
  InfiniteData,
  QueryFunction,
  UseInfiniteQueryOptions,
  UseMutationOptions,
  UseQueryOptions,
} from '@tanstack/react-query';
import type { Client, RequestOptions } from './generated/client/index.js';

/** A resource with its version. Send the `etag` back as `ifMatch` to edit exactly this version. */
export type Versioned<T> = T & {
  /** Null if a proxy removed it. */
  readonly etag: string | null;
};

/** The client that options are bound to. */
export interface Bound {
  client: Client;
}

/** Options of `fetch`, for one call. */
export type FetchOptions = Partial<Pick<RequestOptions, Extract<keyof RequestOptions, (typeof fetchOptions)[number]>>>;
const fetchOptions = ['cache', 'credentials', 'keepalive', 'mode', 'next'] as const;

// The parts of a request that an operation has, with their types.
type Parts<D> = {
  [K in keyof D as K extends 'path' | 'query' | 'body' ? ([NonNullable<D[K]>] extends [never] ? never : K) : never]: D[K];
};

/** The arguments of a query. */
export type QueryArgs<D> = Parts<D> & FetchOptions;

/** The arguments of an infinite query, which sets the cursor itself. */
export type InfiniteArgs<D> = Omit<Parts<D>, 'query'> & {
  query?: D extends { query?: infer Q } ? Omit<NonNullable<Q>, 'after'> : never;
} & FetchOptions;

/** The headers that a mutation accepts, as variables. */
type HeaderVariables<D> = D extends { headers?: infer H }
  ? ('If-Match' extends keyof NonNullable<H>
      ? {
          /**
           * The `etag` of the version to change. If somebody else has changed it, the mutation
           * fails with `version_mismatch`. With `'*'`, the last write wins.
           */
          ifMatch: string | null;
        }
      : unknown) &
      ('Idempotency-Key' extends keyof NonNullable<H>
        ? {
            /** A key of your own; by default, each call has a new one, which its retries share. */
            idempotencyKey?: string | undefined;
          }
        : unknown)
  : unknown;

/** The variables of a mutation: what `mutate` takes. */
export type Variables<D> = Optional<Parts<D> & HeaderVariables<D> & FetchOptions>;
// Without required variables, mutate can be called without any.
type Optional<V> = Record<never, never> extends V ? V | void : V;

/** The keys of all queries start with this. */
export const gradusKey = ['gradus'] as const;

/** The key of a query, such as `['gradus', 'getBatch', { path: { batch_id } }]`. */
export type GradusQueryKey = readonly ['gradus', string, KeyParts];
interface KeyParts {
  baseUrl?: string | undefined;
  infinite?: true;
  path?: unknown;
  query?: unknown;
}

// An operation of the SDK. TypeScript cannot express "takes its own options" more precisely.
type Operation = (options: any) => Promise<{ data: unknown; response: Response }>;
type AnyArgs = Bound & FetchOptions & { path?: unknown; query?: unknown };

// These types are written down, because the inferred ones name internals of TanStack Query.

/** The options of a query, whose key has the type of its data. */
export type OperationQuery<Result, Fails> = Omit<
  UseQueryOptions<Result, Fails, Result, GradusQueryKey>,
  'queryKey' | 'queryFn'
> & {
  queryKey: DataTag<GradusQueryKey, Result, Fails>;
  queryFn: QueryFunction<Result, GradusQueryKey>;
};

/** The options of an infinite query. */
export type OperationInfiniteQuery<Page extends AnyPage, Fails> = Omit<
  UseInfiniteQueryOptions<Page, Fails, Flat<Page>, GradusQueryKey, string | null>,
  'queryKey' | 'queryFn'
> & {
  queryKey: DataTag<GradusQueryKey, InfiniteData<Page, string | null>, Fails>;
  queryFn: QueryFunction<Page, GradusQueryKey, string | null>;
};

/** Returns the options of an operation that reads. */
export function query<R, F>(id: string, call: Operation, args: AnyArgs): OperationQuery<R, F> {
  return queryFor(id, call, args, ({ data }) => data as R);
}

/** Returns the options of an operation that reads a resource with an ETag. */
export function versionedQuery<R, F>(id: string, call: Operation, args: AnyArgs): OperationQuery<R, F> {
  return queryFor(id, call, args, withEtag<R>);
}

function queryFor<R, F>(
  id: string,
  call: Operation,
  args: AnyArgs,
  read: (from: Answer) => R,
): OperationQuery<R, F> {
  return {
    queryKey: [...gradusKey, id, keyParts(args)] as unknown as DataTag<GradusQueryKey, R, F>,
    queryFn: ({ signal }) => sent(call, { ...args, signal }).then(read),
    ...retry,
  };
}

/** Returns the options of a list, which fetch one page after the other. */
export function infiniteQuery<Page extends AnyPage, F>(
  id: string,
  call: Operation,
  args: AnyArgs,
): OperationInfiniteQuery<Page, F> {
  const queryKey = [...gradusKey, id, { ...keyParts(args), infinite: true }];
  return {
    queryKey: queryKey as unknown as OperationInfiniteQuery<Page, F>['queryKey'],
    queryFn: async ({ pageParam, signal }) => {
      const query = pageParam === null ? args.query : { ...(args.query as object), after: pageParam };
      return (await sent(call, { ...args, query, signal })).data as Page;
    },
    initialPageParam: null,
    getNextPageParam: (page) => page.next,
    select: flatten,
    ...retry,
  };
}

/** Returns the options of an operation that writes. */
export function mutation<Result, Fails, V>(id: string, call: Operation, bound: Bound & FetchOptions) {
  return mutationFor<Result, Fails, V>(id, call, bound, ({ data }) => data as Result);
}

/** Returns the options of an operation that writes a resource with an ETag. */
export function versionedMutation<Result, Fails, V>(id: string, call: Operation, bound: Bound & FetchOptions) {
  return mutationFor<Result, Fails, V>(id, call, bound, withEtag<Result>);
}

function mutationFor<Result, Fails, V>(
  id: string,
  call: Operation,
  bound: Bound & FetchOptions,
  read: (from: Answer) => Result,
): UseMutationOptions<Result, Fails, V> {
  return {
    mutationKey: [...gradusKey, id],
    mutationFn: (variables: V) => {
      const { ifMatch, idempotencyKey, ...given } = (variables ?? {}) as Record<string, unknown>;
      const headers = {
        ...(ifMatch != null && { 'If-Match': ifMatch }),
        ...(idempotencyKey != null && { 'Idempotency-Key': idempotencyKey }),
      };
      return sent(call, { ...bound, ...given, headers }).then(read);
    },
    ...retry,
  };
}

// The client retries what is safe to retry, after Retry-After. Retries here would multiply
// with them.
const retry = { retry: false } as const;

type Answer = { data: unknown; response: Response };

function sent(call: Operation, args: object): Promise<Answer> {
  return call({ ...args, throwOnError: true });
}

function withEtag<T>({ data, response }: Answer): T {
  return { ...(data as T), etag: response.headers.get('ETag') };
}

function keyParts({ client, path, query }: AnyArgs): KeyParts {
  return { baseUrl: client.getConfig().baseUrl, ...(path !== undefined && { path }), ...(query !== undefined && { query }) };
}

type AnyPage = { items: Array<unknown>; next: string | null };

/** The pages of a list, and the items of all pages. */
export type Flat<Page extends AnyPage> = InfiniteData<Page, unknown> & { items: Page['items'] };

/** Adds the items of all pages, for data from `getQueryData`. The hooks have done this already. */
export function flatten<Page extends AnyPage>(data: InfiniteData<Page, unknown>): Flat<Page> {
  return { ...data, items: data.pages.flatMap((page) => page.items) };
}

/** Separates the arguments of an operation from the options of TanStack Query. */
export function split<T extends object>(args: T): [request: object, options: object] {
  const request: Record<string, unknown> = {};
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    const part = name === 'path' || name === 'query' || (fetchOptions as ReadonlyArray<string>).includes(name);
    (part ? request : options)[name] = value;
  }
  return [request, options];
}
