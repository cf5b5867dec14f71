/** How requests are sent: time limits, renewed sessions, and the client's only retries. */
import { type GradusFailure, GradusNetworkError, isGradusFailure, retryAfter } from './errors.js';

/** The options of a client that concern sending. */
export interface SendOptions {
  token?: unknown;
  timeoutMs?: number | undefined;
  retries?: number | undefined;
  fetch?: typeof globalThis.fetch | undefined;
}

export const idempotencyKey = 'Idempotency-Key';
const longestWait = 30; // seconds; the caller decides about longer waits

// What belongs to a request but does not fit into it: the time limit of its latest attempt,
// and options of `fetch` that the Request constructor drops, such as `next` of Next.js.
const limits = new WeakMap<Request, Limit>();
const extras = new WeakMap<Request, RequestInit>();

/** Adds options to the second argument of `fetch`. */
export function withInit(request: Request, init: RequestInit): void {
  extras.set(request, init);
}

/** send is fetch with a time limit, a second attempt after a 401, and retries. */
export async function send(request: Request, options: SendOptions): Promise<Response> {
  const { token, retries = 2 } = options;
  let renewed = false;
  for (let attempt = 0; ; ) {
    let response: Response | undefined;
    try {
      response = await once(request, options);
    } catch (error) {
      const failure = failureOf(error, request);
      const again = failure.code === 'network_error' && idempotent(request) && !conditional(request);
      if (!again || attempt >= retries) throw failure;
    }
    const rejected = request.headers.get('Authorization')?.slice('Bearer '.length);
    if (response?.status === 401 && rejected && typeof token === 'function' && !renewed) {
      renewed = true;
      const fresh = await token(rejected);
      if (!fresh || fresh === rejected) return response;
      request.headers.set('Authorization', `Bearer ${fresh}`);
      await response.body?.cancel();
      continue;
    }
    const busy = !response || response.status === 429 || response.status === 503;
    const wait = ((response && retryAfter(response.headers)) || 2 ** attempt / 2) * (1 + Math.random() / 4);
    if (response && (!busy || !idempotent(request) || attempt >= retries || wait > longestWait)) return response;
    attempt++;
    await response?.body?.cancel(); // before the pause, which may exceed the time limit
    await pause(wait * 1000, request.signal);
  }
}

/** Returns a token, or throws a GradusNetworkError if the function that returns it fails. */
export async function tokenOf<T>(get: () => T | Promise<T>): Promise<T> {
  try {
    return await get();
  } catch (error) {
    throw new GradusNetworkError('token_unavailable', error);
  }
}

/** Returns the error for a call without a usable response. */
export function failureOf(error: unknown, request: Request | undefined): GradusFailure {
  if (isGradusFailure(error)) return error;
  const signal = request?.signal;
  // Old platforms have no reason.
  const cause = signal?.aborted ? (signal.reason ?? error) : error;
  const late = (request && limits.get(request)?.late()) || (signal?.aborted && nameOf(cause) === 'TimeoutError');
  if (late) return new GradusNetworkError('timeout', cause);
  if (signal?.aborted) return new GradusNetworkError('aborted', cause);
  return new GradusNetworkError(nameOf(cause) === 'SyntaxError' ? 'invalid_response' : 'network_error', cause);
}

function once(request: Request, { timeoutMs = 30_000, fetch = globalThis.fetch }: SendOptions): Promise<Response> {
  const limit = limited(request.signal, timeoutMs);
  limits.set(request, limit);
  return fetch(request.clone(), { ...extras.get(request), signal: limit.signal });
}

// idempotent reports whether sending the request twice has the same effect as once.
function idempotent({ method, headers }: Request): boolean {
  return ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method) || headers.has(idempotencyKey);
}

// conditional reports whether the request has an effect only once: if the server did apply it,
// the retry would report the caller's own change as that of somebody else, with 412.
function conditional({ headers }: Request): boolean {
  return (headers.get('If-Match') ?? '*') !== '*';
}

interface Limit {
  signal: AbortSignal;
  /** Reports whether the time is over. */
  late(): boolean;
}

// limited returns a signal that also aborts after a time. Node 18 lacks AbortSignal.any, and
// React Native before 0.87 has neither AbortSignal.any nor AbortSignal.timeout, nor reasons.
function limited(signal: AbortSignal | undefined, ms: number): Limit {
  const controller = new AbortController();
  let late = false;
  const abort = () => {
    clearTimeout(timer);
    controller.abort(signal?.reason);
  };
  const timer = setTimeout(() => {
    late = true;
    signal?.removeEventListener('abort', abort);
    controller.abort();
  }, ms);
  (timer as { unref?: () => void }).unref?.(); // a pending limit does not keep Node running
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return { signal: controller.signal, late: () => late };
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(failureOf(signal?.reason, { signal } as Request));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function nameOf(error: unknown): unknown {
  return (error as { name?: unknown } | undefined)?.name;
}

/**
 * The `retry` option of TanStack Query for queries that do not come from `@gradus/client/query`.
 * The client has retried a request before it fails, so a failure of the client is final:
 * `new QueryClient({ defaultOptions: { queries: { retry: retryOthers } } })`.
 */
export function retryOthers(failures: number, error: unknown): boolean {
  return failures < 3 && !isGradusFailure(error);
}
