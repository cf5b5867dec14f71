/** Handlers for Mock Service Worker, from the examples of the contract. */
import { http, HttpResponse, type HttpHandler } from 'msw';
import { operations, statuses, type Facts, type Operations } from './generated/mock.gen.js';
import type { FieldProblem } from './generated/types.gen.js';

export type { Operations };

/** The response to an operation: an example, a body of your own, or a problem. */
export type Reply<K extends keyof Operations> =
  | { example: Operations[K]['example']; headers?: Record<string, string> }
  | { data: Operations[K]['data']; headers?: Record<string, string> }
  | {
      code: CodeOf<Operations[K]['error']>;
      detail?: string;
      errors?: ReadonlyArray<Pick<FieldProblem, 'detail'> & Partial<FieldProblem>>;
      headers?: Record<string, string>;
    };
type CodeOf<P> = P extends { code: infer Code } ? Code : never;

/** What a function that replies is called with. */
export interface MockCall {
  request: Request;
  params: Readonly<Record<string, string>>;
}

/** How long a handler applies: until `server.resetHandlers()`, or for one request. */
export interface RespondOptions {
  once?: boolean;
}

/** Handlers for one base URL. */
export interface GradusMock {
  /** A handler for each operation, which returns its first example. Pass them to `setupServer`. */
  handlers: Array<HttpHandler>;
  /** Returns a handler with another response: `server.use(mock.respond('joinBatch', { code: 'batch_full' }))`. */
  respond<K extends keyof Operations>(
    operation: K,
    reply: Reply<K> | ((call: MockCall) => Reply<K> | Promise<Reply<K>>),
    options?: RespondOptions,
  ): HttpHandler;
}

/**
 * Creates handlers for Mock Service Worker. They honour the preferences `example` and `code` of
 * a `Prefer` header, as `gradus mock` does. They do not validate requests and store nothing.
 */
export function mockGradus({ baseUrl = '*/api/v1' }: { baseUrl?: string } = {}): GradusMock {
  const handler = (
    id: keyof Operations,
    reply: (call: MockCall) => AnyReply | Promise<AnyReply>,
    options: RespondOptions = {},
  ) => {
    const facts = operations[id];
    const path = baseUrl + facts.path.replace(/\{(\w+)\}/g, ':$1');
    return http[facts.method](
      path,
      async ({ request, params }) => {
        const call = { request, params: params as Record<string, string> };
        return preferred(request, facts) ?? render(request, facts, await reply(call));
      },
      options,
    );
  };
  return {
    handlers: (Object.keys(operations) as Array<keyof Operations>).map((id) => handler(id, () => ({}))),
    respond: (id, reply, options) =>
      handler(id, (call) => (typeof reply === 'function' ? reply(call) : reply) as AnyReply, options),
  };
}

/** Returns the body of an example, to change it: `example('getMe', 'student')`. */
export function example<K extends keyof Operations>(operation: K, name?: Operations[K]['example']): Operations[K]['data'] {
  const { examples } = operations[operation];
  return structuredClone(examples[name ?? Object.keys(examples)[0] ?? '']) as Operations[K]['data'];
}

interface AnyReply {
  example?: string | undefined;
  data?: unknown;
  code?: string;
  detail?: string;
  errors?: ReadonlyArray<object>;
  headers?: Record<string, string>;
}

// preferred returns the response that the Prefer header asks for.
function preferred(request: Request, facts: Facts): Response | undefined {
  const preferences = new Map(
    (request.headers.get('Prefer') ?? '').split(/[,;]/).map((one) => {
      const [name = '', value = ''] = one.split('=').map((text) => text.trim());
      return [name.toLowerCase(), value.replace(/^"(.*)"$/, '$1')];
    }),
  );
  const [name, code] = [preferences.get('example'), preferences.get('code')];
  if (!name && !code) return undefined;
  if (name && !(name in facts.examples)) return unknownPreference(request, Object.keys(facts.examples));
  const problem = facts.problems.find((one) => one === code || String(statuses[one]) === code);
  if (code && !problem && code !== String(facts.status)) return unknownPreference(request, facts.problems);
  const headers = { 'Preference-Applied': [name && `example=${name}`, code && `code=${code}`].filter(Boolean).join(', ') };
  return render(request, facts, problem ? { code: problem, headers } : { example: name ?? firstOf(facts), headers });
}

function unknownPreference(request: Request, choices: ReadonlyArray<string>): Response {
  const detail = `Prefer one of: ${choices.join(', ')}.`;
  return problem(request, { code: 'invalid_request', detail, errors: [{ parameter: 'Prefer', code: 'unknown_preference', detail }] });
}

function render(request: Request, facts: Facts, reply: AnyReply): Response {
  if (reply.code !== undefined) return problem(request, reply);
  const shown = facts.examples[reply.example ?? firstOf(facts) ?? ''];
  const body = reply.data ?? (facts.paged ? pageOf(request, shown as AnyPage) : shown);
  const init = { status: facts.status, headers: { ...facts.headers, ...reply.headers } };
  if (body === undefined) return new HttpResponse(null, init);
  return HttpResponse.json(body as object, init);
}

function problem(request: Request, { code = '', detail = sentence(code), errors = [], headers = {} }: AnyReply): Response {
  const status = statuses[code] ?? 500;
  const body = {
    type: `/problems/${code}`,
    title: sentence(code).slice(0, -1),
    status,
    detail,
    instance: new URL(request.url).pathname,
    code,
    timestamp: '2026-10-14T18:30:00Z',
    request_id: '01a13bad-ac40-7f0e-b2d6-9c3a41e85d70',
    errors: errors.map((one) => ({ pointer: null, parameter: null, code: 'invalid', ...one })),
  };
  return HttpResponse.json(body, {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...(status === 503 && { 'Retry-After': '1' }), ...headers },
  });
}

// sentence turns batch_full into "Batch full."
function sentence(code: string): string {
  return `${code.charAt(0).toUpperCase()}${code.slice(1).replaceAll('_', ' ')}.`;
}

function firstOf({ examples }: Facts): string | undefined {
  return Object.keys(examples)[0];
}

interface AnyPage {
  items: Array<unknown>;
  next: string | null;
}

// pageOf returns the page of the example's items that the request asks for. A cursor is a
// position.
function pageOf(request: Request, { items, ...rest }: AnyPage): AnyPage {
  const query = new URL(request.url).searchParams;
  const from = Number(query.get('after') ?? 0);
  const to = from + Number(query.get('limit') ?? 50);
  return { ...rest, items: items.slice(from, to), next: to < items.length ? String(to) : null };
}
