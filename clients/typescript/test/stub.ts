import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a stub answers: a status, headers, a body; or nothing at all. */
export type Answer =
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

/** A server that gives its answers in turn, the last one for ever, and remembers what it was asked. */
export async function stub(...answers: Array<Answer>) {
  const received: Array<Received> = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    const answer = answers[Math.min(received.length, answers.length - 1)];
    received.push({ method, url, headers, body, at: performance.now() });
    if (answer === 'hang up') return void request.socket.destroy();
    if (answer === 'half')
      return void response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"items":');
    if (answer === undefined || answer === 'silence') return;
    const json = typeof answer.body !== 'string';
    const type = json ? (answer.status < 400 ? 'application/json' : 'application/problem+json') : 'text/html';
    response.writeHead(answer.status, { 'Content-Type': type, ...answer.headers });
    response.end(json ? JSON.stringify(answer.body) : answer.body);
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

/** A problem as Gradus writes it. */
export function problem(status: number, code: string, headers: Record<string, string> = {}): Answer {
  const body = {
    type: `/problems/${code}`,
    title: 'A title',
    status,
    detail: `It is ${code}.`,
    instance: '/api/v1/x',
    code,
    timestamp: '2026-10-14T18:30:00Z',
    request_id: '01a13bad-ac40-7f0e-b2d6-9c3a41e85d70',
    errors: [],
  };
  return { status, headers, body };
}
