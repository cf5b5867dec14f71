/** The errors of the client: GradusError for an error response, GradusNetworkError for none. */
import type { FieldProblem, Problem, ProblemCode } from './generated/types.gen.js';

/** Everything that a call can fail with. Both classes have a `code`. */
export type GradusFailure<Code extends string = ProblemCode | 'unknown'> = GradusError<Code> | GradusNetworkError;

/** The failures of an operation, from the type of its problems: `Failure<JoinBatchError>`. */
export type Failure<P> = GradusFailure<CodeOf<P> | 'unknown'>;
type CodeOf<P> = P extends { code: infer Code extends string } ? Code : never;

// Symbol.for is the same in every realm, and in every copy of this module that a bundler
// includes. instanceof would otherwise compare classes, of which each copy has its own.
const brand = Symbol.for('@gradus/client/error');
type Brand = 'GradusError' | 'GradusNetworkError';

function branded(value: unknown, name: Brand): boolean {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === name;
}

/** An error response, with the properties of the API's `Problem`. */
export interface GradusError<Code extends string = ProblemCode | 'unknown'> extends Omit<Problem, 'code'> {
  /** Machine-readable; `unknown` if the response did not come from Gradus. */
  code: Code;
}
export class GradusError<Code extends string = ProblemCode | 'unknown'> extends Error {
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

  get [brand](): Brand {
    return 'GradusError';
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass inherits this method, and must not accept what is not its own.
    return this === GradusError ? isGradusError(value) : this.prototype.isPrototypeOf(value as object);
  }
}

/**
 * Why there is no usable response: `timeout`, also of the caller's signal; `aborted` by the
 * caller; `invalid_response` if the body is not JSON; `token_unavailable` if the `token`
 * function failed; `network_error` for everything else, such as a refused connection.
 */
export type NetworkCode = 'network_error' | 'timeout' | 'aborted' | 'invalid_response' | 'token_unavailable';

/** There is no usable response. `cause` is the underlying error. */
export class GradusNetworkError extends Error {
  readonly code: NetworkCode;
  readonly detail: string;
  // As in GradusError, so that they can be read without telling the classes apart.
  readonly status: undefined;
  readonly retryAfter: undefined;
  readonly request_id: undefined;
  readonly errors: ReadonlyArray<FieldProblem> = [];

  constructor(code: NetworkCode, cause: unknown) {
    super(`${messages[code]}${cause instanceof Error && cause.message ? `: ${cause.message}` : ''}`, { cause });
    this.name = 'GradusNetworkError';
    this.code = code;
    this.detail = messages[code];
  }

  get [brand](): Brand {
    return 'GradusNetworkError';
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === GradusNetworkError ? isNetworkError(value) : this.prototype.isPrototypeOf(value as object);
  }
}

const messages: Record<NetworkCode, string> = {
  network_error: 'The server cannot be reached',
  timeout: 'The server did not respond in time',
  aborted: 'The request was aborted',
  invalid_response: 'The response is not valid',
  token_unavailable: 'There is no session token',
};

/** Reports whether an error is an error response. Works with errors of other realms and bundles. */
export function isGradusError(error: unknown): error is GradusError {
  return branded(error, 'GradusError');
}

/** Reports whether an error means that there was no usable response. */
export function isNetworkError(error: unknown): error is GradusNetworkError {
  return branded(error, 'GradusNetworkError');
}

/** Reports whether an error comes from this client. */
export function isGradusFailure(error: unknown): error is GradusFailure {
  return isGradusError(error) || isNetworkError(error);
}

/**
 * Returns the message of each invalid field, by its name: `fieldErrors(error).time_zone`. The
 * names of nested fields are joined by dots. Empty for other errors.
 */
export function fieldErrors(error: unknown): Record<string, string> {
  const messages: Record<string, string> = {};
  if (!isGradusError(error)) return messages;
  for (const { pointer, parameter, detail } of error.errors) {
    const name = pointer === null ? parameter : pointer.slice(1).split('/').map(unescaped).join('.');
    if (name !== null) messages[name] ??= detail;
  }
  return messages;
}

// unescaped returns a segment of a JSON pointer as it was before escaping.
function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Parses the Retry-After header, which holds seconds or a date. */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('Retry-After');
  if (!value) return undefined;
  const seconds = Number(value);
  return Math.max(0, Number.isNaN(seconds) ? (Date.parse(value) - Date.now()) / 1000 : seconds) || 0;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && typeof (body as Problem).code === 'string';
}
