/**
 * The part of the client that is written by hand. Everything else is generated from the
 * contract: a function for each operation, and the types of what goes in and comes out.
 */
import { type Client, type Config, createClient, mergeHeaders } from './generated/client/index.js';
import { creates, userAgent } from './generated/facts.gen.js';
import type { Problem, ProblemCode } from './generated/types.gen.js';

export * from './generated/index.js';
export type { Client };

/**
 * A session's token, or how to get one. A function is asked before each call, and once
 * more with the token that the server refused (401). Nothing stands for "not signed in".
 */
export type Token = string | ((refused?: string) => Found | Promise<Found>);
type Found = string | null | undefined;

/** What a client needs to know. */
export interface GradusOptions extends Pick<Config, 'credentials' | 'headers'> {
  /** Where the API is, such as `https://gradus.example.org/api/v1`. */
  baseUrl: string;
  /** Left out where a cookie carries the session: then say `credentials: 'include'`. */
  token?: Token | Found;
  /** How long one attempt may take, its answer included; 30 seconds by default. */
  timeoutMs?: number | undefined;
  /** How often a call that was answered 429 or 503 is sent again, if that is safe; twice by default. */
  retries?: number | undefined;
  /** What sends the requests; the platform's `fetch` by default. */
  fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Makes a client, to be given to each operation: `listBatches({ client: gradus })`.
 *
 * An operation resolves with `{ data, response }` and rejects with a `GradusError`, or with
 * what `fetch` rejects with when no answer came.
 */
export function createGradus(options: GradusOptions): Client {
  const { baseUrl, credentials, headers, token } = options;
  const client = createClient({
    baseUrl,
    credentials,
    headers: mergeHeaders(onNode() ? { 'User-Agent': userAgent } : {}, headers),
    throwOnError: true,
    // The other scheme is the cookie, which is the browser's business.
    auth: async ({ scheme }) =>
      (scheme === 'bearer' && (typeof token === 'function' ? await token() : token)) || undefined,
    fetch: (request) => send(request as Request, options),
  });
  client.interceptors.request.use((request, { method, url }) => {
    // A create that is sent twice with one key happens once.
    if (creates.includes(`${method} ${url}`) && !request.headers.has(idempotencyKey)) {
      request.headers.set(idempotencyKey, unique());
    }
    return request;
  });
  client.interceptors.error.use((error, response) => {
    if (!response || error instanceof Error) throw error; // no answer, or one that broke off
    return new GradusError(response, error);
  });
  return client;
}

/** An answer that is a failure, with the properties of the API's `Problem`. */
export interface GradusError extends Omit<Problem, 'code'> {
  /** What went wrong, for a program; `unknown` when something else than Gradus answered. */
  code: ProblemCode | 'unknown';
}
export class GradusError extends Error {
  /** After how many seconds it is worth trying again, where the server says so. */
  readonly retryAfter: number | undefined;

  /** Reads the body of a response, and makes do with its status where that is no problem of Gradus. */
  constructor(response: Response, body: unknown) {
    const { status, statusText: title, headers, url: instance } = response;
    const problem: Partial<Problem> = isProblem(body) ? body : {};
    super(problem.detail ?? `${instance} answered ${status} ${title}`);
    this.name = 'GradusError';
    this.retryAfter = retryAfter(headers);
    const unknown = { type: 'about:blank', title, status, instance, code: 'unknown', errors: [] };
    const when = { timestamp: new Date().toISOString(), request_id: headers.get('X-Request-Id') ?? '' };
    Object.assign(this, { ...unknown, ...when, detail: this.message }, problem);
  }
}

/**
 * Makes a `token` that starts a session when there is none, keeps it, and starts another
 * when the server refuses it. Calls that need a session at the same time share it.
 */
export function renewing(start: () => Promise<Found>): Token {
  let session: Promise<Found> | undefined;
  return async (refused) => {
    const known = session;
    if (known && (await known) !== refused) return known;
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

/** Walks a list: `for await (const user of paginate(listUsers, { client: gradus })) …`. */
export async function* paginate<L extends List>(list: L, options: Parameters<L>[0]): AsyncGenerator<ItemOf<L>, void> {
  for await (const page of pages(list, options)) yield* page.items as Array<ItemOf<L>>;
}

/** Walks a list by pages, for what stands beside the items, such as the `days` of `getBatchProgress`. */
export async function* pages<L extends List>(list: L, options: Parameters<L>[0]): AsyncGenerator<PageOf<L>, void> {
  for (let after: string | null = options.query?.after ?? ''; after !== null; ) {
    const query = after ? { ...options.query, after } : options.query;
    const { data } = await list({ ...options, query, throwOnError: true });
    yield data as PageOf<L>;
    after = (data as PageOf<L>).next;
  }
}

// An operation that answers with pages. TypeScript has no better word for "takes its own options".
type List = (options: any) => Promise<{ data: { items: Array<unknown>; next: string | null } | undefined }>;
type PageOf<L extends List> = NonNullable<Awaited<ReturnType<L>>['data']>;
type ItemOf<L extends List> = Awaited<PageOf<L>['items'][number]>;

const idempotencyKey = 'Idempotency-Key';
const longestWait = 30; // seconds; whoever is told to wait longer should decide that themselves

// send is fetch with a time limit, one more try for a session that has ended, and more
// for a server that is busy.
async function send(request: Request, options: GradusOptions): Promise<Response> {
  const { token, timeoutMs = 30_000, retries = 2, fetch = globalThis.fetch } = options;
  let renewed = false;
  for (let again = 0; ; ) {
    const response = await fetch(request.clone(), { signal: limited(request.signal, timeoutMs) });
    const refused = request.headers.get('Authorization')?.slice('Bearer '.length);
    if (response.status === 401 && refused && typeof token === 'function' && !renewed) {
      renewed = true;
      const fresh = await token(refused);
      if (!fresh || fresh === refused) return response;
      request.headers.set('Authorization', `Bearer ${fresh}`);
      await response.body?.cancel();
    } else {
      const busy = response.status === 429 || response.status === 503;
      const wait = (retryAfter(response.headers) || 2 ** again / 2) * (1 + Math.random() / 4);
      if (!busy || !repeatable(request) || again++ >= retries || wait > longestWait) return response;
      await response.body?.cancel(); // before the pause, which may outlast the time limit
      await pause(wait * 1000, request.signal);
    }
  }
}

// repeatable says whether a request that may have happened can be sent again.
function repeatable({ method, headers }: Request): boolean {
  return ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method) || headers.has(idempotencyKey);
}

// retryAfter reads seconds or a date.
function retryAfter(headers: Headers): number | undefined {
  const said = headers.get('Retry-After');
  if (!said) return undefined;
  const seconds = Number(said);
  return Math.max(0, Number.isNaN(seconds) ? (Date.parse(said) - Date.now()) / 1000 : seconds) || 0;
}

// limited is a signal that also fires after a while. AbortSignal.any would do; Node 18 lacks it.
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

// unique makes an idempotency key, also where the page is not secure or Node is old.
function unique(): string {
  return globalThis.crypto?.randomUUID?.() ?? [1, 2, 3].map(() => Math.random().toString(36).slice(2)).join('-');
}

// onNode says whether a program may name itself; browsers do not let it.
function onNode(): boolean {
  return !!(globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && typeof (body as Problem).code === 'string';
}
