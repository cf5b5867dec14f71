import type { FieldProblem } from '@gradus/client';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A response of the stub, or a way to fail. */
export type StubResponse =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | 'silence'
  | 'half'
  | 'hang up';

export interface Received {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
  at: number;
}

/** Starts a server that returns the responses in order, repeats the last one, and records requests. */
export async function stub(...responses: Array<StubResponse>) {
  const received: Array<Received> = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    const next = responses[Math.min(received.length, responses.length - 1)];
    received.push({ method, url, headers, body, at: performance.now() });
    if (next === 'hang up') return void request.socket.destroy();
    if (next === 'half')
      return void response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"items":');
    if (next === undefined || next === 'silence') return;
    const json = typeof next.body !== 'string';
    const type = json ? (next.status < 400 ? 'application/json' : 'application/problem+json') : 'text/html';
    response.writeHead(next.status, { 'Content-Type': type, ...next.headers });
    response.end(json ? JSON.stringify(next.body) : next.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    received,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Returns a problem in the format of Gradus. */
export function problem(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  errors: Array<FieldProblem> = [],
): StubResponse {
  const body = {
    type: `/problems/${code}`,
    title: 'A title',
    status,
    detail: `It is ${code}.`,
    instance: '/api/v1/x',
    code,
    timestamp: '2026-10-14T18:30:00Z',
    request_id: '01a13bad-ac40-7f0e-b2d6-9c3a41e85d70',
    errors,
  };
  return { status, headers, body };
}
