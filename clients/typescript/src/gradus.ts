/**
 * The hand-written part of the client. The rest is generated from the OpenAPI document: a
 * function for each operation, and the types of requests and responses.
 */
import { type Client, type Config, createClient, mergeHeaders } from './generated/client/index.js';
import { creates, userAgent } from './generated/facts.gen.js';
import type { Problem, ProblemCode } from './generated/types.gen.js';

export * from './generated/index.js';
export type { Client };

/**
 * The token of a session, or a function that returns it. The function is called before
 * each request, and again with the rejected token after a 401. An empty value means that
 * the caller is not signed in.
 */
export type Token = string | ((rejected?: string) => MaybeToken | Promise<MaybeToken>);
type MaybeToken = string | null | undefined;

/** The options of a client. */
export interface GradusOptions extends Pick<Config, 'credentials' | 'headers'> {
  /** The URL of the API, such as `https://gradus.example.org/api/v1`. */
  baseUrl: string;
  /** Omit it if a cookie carries the session, and set `credentials: 'include'`. */
  token?: Token | MaybeToken;
  /** The time limit of one attempt, including the response body; 30 seconds by default. */
  timeoutMs?: number | undefined;
  /** How often an idempotent request is retried after 429 or 503; 2 by default. */
  retries?: number | undefined;
  /** The function that sends requests; the platform's `fetch` by default. */
  fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Creates a client. Pass it to each operation: `listBatches({ client: gradus })`.
 *
 * An operation resolves with `{ data, response }`. It rejects with a `GradusError`, or with
 * the error of `fetch` if there was no response.
 */
export function createGradus(options: GradusOptions): Client {
  const { baseUrl, credentials, headers, token } = options;
  const client = createClient({
    baseUrl,
    credentials,
    headers: mergeHeaders(onNode() ? { 'User-Agent': userAgent } : {}, headers),
    throwOnError: true,
    // The browser handles the other scheme, the cookie.
    auth: async ({ scheme }) =>
      (scheme === 'bearer' && (typeof token === 'function' ? await token() : token)) || undefined,
    fetch: (request) => send(request as Request, options),
  });
  client.interceptors.request.use((request, { method, url }) => {
    // A create that is retried with the same key happens once.
    if (creates.includes(`${method} ${url}`) && !request.headers.has(idempotencyKey)) {
      request.headers.set(idempotencyKey, newKey());
    }
    return request;
  });
  client.interceptors.error.use((error, response) => {
    if (!response || error instanceof Error) throw error; // no response, or an incomplete one
    return new GradusError(response, error);
  });
  return client;
}

/** An error response, with the properties of the API's `Problem`. */
export interface GradusError extends Omit<Problem, 'code'> {
  /** Machine-readable; `unknown` if the response did not come from Gradus. */
  code: ProblemCode | 'unknown';
}
export class GradusError extends Error {
  /** The seconds to wait before a retry, if the server says so. */
  readonly retryAfter: number | undefined;

  /** Reads the problem from the body of a response; without one, only the status is known. */
  constructor(response: Response, body: unknown) {
    const { status, statusText: title, headers, url: instance } = response;
    const problem: Partial<Problem> = isProblem(body) ? body : {};
    super(problem.detail ?? `${instance} returned ${status} ${title}`);
    this.name = 'GradusError';
    this.retryAfter = retryAfter(headers);
    const unknown = { type: 'about:blank', title, status, instance, code: 'unknown', errors: [] };
    const when = { timestamp: new Date().toISOString(), request_id: headers.get('X-Request-Id') ?? '' };
    Object.assign(this, { ...unknown, ...when, detail: this.message }, problem);
  }
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

const idempotencyKey = 'Idempotency-Key';
const longestWait = 30; // seconds; the caller decides about longer waits

// send is fetch with a time limit, a second attempt after a 401, and retries after 429 and
// 503.
async function send(request: Request, options: GradusOptions): Promise<Response> {
  const { token, timeoutMs = 30_000, retries = 2, fetch = globalThis.fetch } = options;
  let renewed = false;
  for (let attempt = 0; ; ) {
    const response = await fetch(request.clone(), { signal: limited(request.signal, timeoutMs) });
    const rejected = request.headers.get('Authorization')?.slice('Bearer '.length);
    if (response.status === 401 && rejected && typeof token === 'function' && !renewed) {
      renewed = true;
      const fresh = await token(rejected);
      if (!fresh || fresh === rejected) return response;
      request.headers.set('Authorization', `Bearer ${fresh}`);
      await response.body?.cancel();
    } else {
      const busy = response.status === 429 || response.status === 503;
      const wait = (retryAfter(response.headers) || 2 ** attempt / 2) * (1 + Math.random() / 4);
      if (!busy || !idempotent(request) || attempt++ >= retries || wait > longestWait) return response;
      await response.body?.cancel(); // before the pause, which may exceed the time limit
      await pause(wait * 1000, request.signal);
    }
  }
}

// idempotent reports whether sending the request twice has the same effect as once.
function idempotent({ method, headers }: Request): boolean {
  return ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method) || headers.has(idempotencyKey);
}

// retryAfter parses the header, which holds seconds or a date.
function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('Retry-After');
  if (!value) return undefined;
  const seconds = Number(value);
  return Math.max(0, Number.isNaN(seconds) ? (Date.parse(value) - Date.now()) / 1000 : seconds) || 0;
}

// limited returns a signal that also aborts after a time. Node 18 lacks AbortSignal.any.
function limited(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  for (const source of [signal, AbortSignal.timeout(ms)]) {
    const abort = () => controller.abort(source.reason);
    if (source.aborted) abort();
    source.addEventListener('abort', abort, { once: true });
  }
  return controller.signal;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

// newKey returns an idempotency key, also on insecure pages and old versions of Node.
function newKey(): string {
  return globalThis.crypto?.randomUUID?.() ?? [1, 2, 3].map(() => Math.random().toString(36).slice(2)).join('-');
}

// onNode reports whether User-Agent can be set; browsers do not allow it.
function onNode(): boolean {
  return !!(globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && typeof (body as Problem).code === 'string';
}
