/**
 * The hand-written part of the client. The rest is generated from the OpenAPI document: a
 * function for each operation, and the types of requests and responses.
 */
import { type Client, type Config, createClient, mergeHeaders } from './generated/client/index.js';
import { creates, userAgent } from './generated/facts.gen.js';
import { GradusError } from './errors.js';
import { refreshSession } from './generated/sdk.gen.js';
import type { Session } from './generated/types.gen.js';
import { failureOf, idempotencyKey, send, tokenOf, withInit } from './send.js';
import { keepSession } from './session.js';

export * from './generated/index.js';
export {
  fieldErrors,
  GradusError,
  GradusNetworkError,
  isGradusError,
  isGradusFailure,
  isNetworkError,
  type Failure,
  type GradusFailure,
  type NetworkCode,
} from './errors.js';
export { retryOthers } from './send.js';
export { sessionOf, SignInChallengeError } from './sign-in.js';
export type { Client };

/**
 * The token of a session, or a function that returns it. The function is called before
 * each request, and again with the rejected token after a 401. An empty value means that
 * the caller is not signed in.
 */
export type Token = string | ((rejected?: string) => MaybeToken | Promise<MaybeToken>);
type MaybeToken = string | null | undefined;

// Extract, because the types of some platforms lack some of these options of fetch.
type FetchDefaults = Partial<Pick<Config, Extract<keyof Config, 'cache' | 'credentials' | 'headers' | 'next'>>>;

/** The options of a client. */
export interface GradusOptions extends FetchDefaults {
  /** The URL of the API, such as `https://gradus.example.org/api/v1`. */
  baseUrl: string;
  /** Omit it if a cookie carries the session, and set `credentials: 'include'`. */
  token?: Token | MaybeToken;
  /**
   * A session that `signIn` or `register` returned, instead of `token`. When its access token has
   * expired, the client renews it with the refresh token, once for all concurrent calls.
   */
  session?: Session | undefined;
  /**
   * Called with the session before its new tokens are used, so that you can store them: each
   * refresh token works once.
   */
  onSessionChange?: ((session: Session) => unknown) | undefined;
  /** The time limit of one attempt, including the response body; 30 seconds by default. */
  timeoutMs?: number | undefined;
  /** How often an idempotent request is retried after 429, 503 or a network error; 2 by default. */
  retries?: number | undefined;
  /** The function that sends requests; the platform's `fetch` by default. */
  fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Creates a client. Pass it to each operation: `listBatches({ client: gradus })`.
 *
 * An operation resolves with `{ data, response }`. It rejects with a `GradusError`, or with a
 * `GradusNetworkError` if there was no usable response.
 */
export function createGradus(given: GradusOptions): Client {
  const kept = given.session && keep(given, given.session);
  const { baseUrl, cache, credentials, headers, next, token: own } = given;
  const token = kept?.token ?? (typeof own === 'function' ? (rejected?: string) => tokenOf(() => own(rejected)) : own);
  const client = createClient({
    baseUrl,
    // Some platforms reject the mere presence of these.
    ...(cache && { cache }),
    ...(credentials && { credentials }),
    ...(next && { next }),
    headers: mergeHeaders(onNode() ? { 'User-Agent': userAgent } : {}, headers),
    throwOnError: true,
    // The browser handles the other scheme, the cookie.
    auth: async ({ scheme }) =>
      (scheme === 'bearer' && (typeof token === 'function' ? await token() : token)) || undefined,
    fetch: (request) => send(request as Request, { ...given, token }),
  });
  client.interceptors.request.use((request, { method, url, next }) => {
    if (next) withInit(request, { next } as RequestInit);
    // A create that is retried with the same key happens once.
    if (creates.includes(`${method} ${url}`) && !request.headers.has(idempotencyKey)) {
      request.headers.set(idempotencyKey, newKey());
    }
    return request;
  });
  if (kept) {
    client.interceptors.response.use(async (response, _, { url }) => {
      if (url === '/auth/reauthentication' && response.ok) await kept.replace((await response.clone().json()) as Session);
      return response;
    });
  }
  client.interceptors.error.use((error, response, request) => {
    // The body of an error response is not an Error; anything else is no or half a response.
    const received = response && !response.ok && !(error instanceof Error);
    return received ? new GradusError(response, error) : failureOf(error, request);
  });
  return client;
}

// keep renews a session with a client of its own, which has no token.
function keep({ session: _, token: __, onSessionChange, ...rest }: GradusOptions, session: Session) {
  const client = createGradus({ ...rest, retries: 0 });
  return keepSession(
    session,
    async (refresh_token) => (await refreshSession({ client, body: { refresh_token }, throwOnError: true })).data,
    onSessionChange,
  );
}

/**
 * Returns a `token` function that starts a session, keeps it, and starts another one when
 * the server rejects it. Concurrent calls share the session.
 */
export function renewing(start: () => Promise<MaybeToken>): Token {
  let session: Promise<MaybeToken> | undefined;
  return async (rejected) => {
    const known = session;
    if (known && (await known) !== rejected) return known;
    if (!session || session === known) {
      const started = start();
      started.catch(() => {
        if (session === started) session = undefined;
      });
      session = started;
    }
    return session;
  };
}

/** Iterates over a list: `for await (const user of paginate(listUsers, { client: gradus })) …`. */
export async function* paginate<L extends List>(list: L, options: Parameters<L>[0]): AsyncGenerator<ItemOf<L>, void> {
  for await (const page of pages(list, options)) yield* page.items as Array<ItemOf<L>>;
}

/** Iterates over the pages of a list, to read properties beside the items, such as the `days` of `getBatchProgress`. */
export async function* pages<L extends List>(list: L, options: Parameters<L>[0]): AsyncGenerator<PageOf<L>, void> {
  for (let after: string | null = options.query?.after ?? ''; after !== null; ) {
    const query = after ? { ...options.query, after } : options.query;
    const { data } = await list({ ...options, query, throwOnError: true });
    yield data as PageOf<L>;
    after = (data as PageOf<L>).next;
  }
}

// A paged operation. TypeScript cannot express "takes its own options" more precisely.
type List = (options: any) => Promise<{ data: { items: Array<unknown>; next: string | null } | undefined }>;
type PageOf<L extends List> = NonNullable<Awaited<ReturnType<L>>['data']>;
type ItemOf<L extends List> = Awaited<PageOf<L>['items'][number]>;

// newKey returns an idempotency key, also on insecure pages and old versions of Node.
function newKey(): string {
  return globalThis.crypto?.randomUUID?.() ?? [1, 2, 3].map(() => Math.random().toString(36).slice(2)).join('-');
}

// onNode reports whether User-Agent can be set; browsers do not allow it.
function onNode(): boolean {
  return !!(globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node;
}
