// Generates the options for TanStack Query, the React hooks and the mock of each operation. The
// code that they share is written by hand: src/query.ts, src/react.ts and src/msw.ts.
import { camel, commentOf, header, operations, parametersOf, quote, resolve } from './spec.mjs';

/** Returns what the generated files need to know about each operation. */
export function describe(spec) {
  return operations(spec).map(({ path, item, method, operation }) => {
    const parameters = parametersOf(spec, item, operation);
    const has = (name) => parameters.some((p) => p.name === name);
    const [status, response] = Object.entries(operation.responses).find(([code]) => code < '3');
    const { headers = {}, content } = resolve(spec, response);
    const media = content?.['application/json'];
    const versioned = 'ETag' in headers;
    if (versioned && propertiesOf(spec, media.schema).has('etag')) {
      throw new Error(`${operation.operationId}: the property etag would be overwritten by the ETag`);
    }
    const body = operation.requestBody && resolve(spec, operation.requestBody);
    return {
      id: camel(operation.operationId),
      type: operation.operationId,
      method,
      path,
      status: Number(status),
      comment: commentOf(operation),
      query: method === 'get',
      versioned,
      paged: method === 'get' && has('after'),
      session: path.startsWith('/auth/'), // changes who the user is
      required: parameters.some((p) => p.in === 'path') || !!body?.required || has('If-Match'),
      headers: Object.fromEntries(
        Object.entries(headers)
          .map(([name, value]) => [name, resolve(spec, value)])
          .filter(([, value]) => value.required && value.example !== undefined)
          .map(([name, value]) => [name, String(value.example)]),
      ),
      examples: examplesOf(spec, media),
      problems: [...(operation['x-problem-codes'] ?? []), ...spec['x-problem-codes']],
    };
  });
}

/** Returns query.gen.ts. */
export function querySource(all) {
  const names = (pick) => all.flatMap(pick).join(', ');
  return `${header}
import type { UseMutationOptions } from '@tanstack/react-query';
import type { Failure } from '../errors.js';
import {
  infiniteQuery, mutation, query, versionedMutation, versionedQuery,
  type Bound, type FetchOptions, type InfiniteArgs, type OperationInfiniteQuery, type OperationQuery, type QueryArgs,
  type Variables, type Versioned,
} from '../query-core.js';
import { ${names((o) => o.id)} } from './sdk.gen.js';
import type { ${names((o) => ['Data', 'Error', 'Response'].map((part) => o.type + part))} } from './types.gen.js';

/** The operations that read, with their parameters. */
export interface Queries {
${all
  .filter((o) => o.query)
  .map((o) => `  ${o.id}: ${o.type}Data;\n`)
  .join('')}}
${all.map(optionsOf).join('')}`;
}

function optionsOf(o) {
  const [data, error, response] = ['Data', 'Error', 'Response'].map((part) => o.type + part);
  const result = o.versioned ? `Versioned<${response}>` : response;
  if (!o.query) {
    const make = o.versioned ? 'versionedMutation' : 'mutation';
    const types = `${result}, Failure<${error}>, Variables<${data}>`;
    return `
${o.comment}
export const ${o.id}Mutation = (bound: Bound & FetchOptions): UseMutationOptions<${types}> =>
  ${make}<${types}>(${quote(o.id)}, ${o.id}, bound);
`;
  }
  const make = o.versioned ? 'versionedQuery' : 'query';
  const types = `${result}, Failure<${error}>`;
  const infinite = `
${o.comment}
export const ${o.id}InfiniteOptions = (args: Bound & InfiniteArgs<${data}>): OperationInfiniteQuery<${types}> =>
  infiniteQuery<${types}>(${quote(o.id)}, ${o.id}, args);
`;
  return `
${o.comment}
export const ${o.id}Options = (args: Bound & QueryArgs<${data}>): OperationQuery<${types}> =>
  ${make}<${types}>(${quote(o.id)}, ${o.id}, args);
${o.paged ? infinite : ''}`;
}

/** Returns react.gen.ts. */
export function reactSource(all) {
  const used = all.flatMap((o) => [`${o.id}${o.query ? 'Options' : 'Mutation'}`, ...(o.paged ? [`${o.id}InfiniteOptions`] : [])]);
  return `${header}
import type { UseInfiniteQueryResult, UseMutationResult, UseQueryResult } from '@tanstack/react-query';
import type { Failure } from '../errors.js';
import type { Flat, InfiniteArgs, QueryArgs, Variables, Versioned } from '../query-core.js';
import {
  useOperation, useOperationInfinite, useOperationMutation,
  type InfiniteHookArgs, type MutationHookOptions, type QueryHookArgs,
} from '../react-core.js';
import { ${used.join(', ')} } from './query.gen.js';
import type { ${all.flatMap((o) => ['Data', 'Error', 'Response'].map((part) => o.type + part)).join(', ')} } from './types.gen.js';
${all.map(hookOf).join('')}`;
}

function hookOf(o) {
  const [data, error, response] = ['Data', 'Error', 'Response'].map((part) => o.type + part);
  const result = o.versioned ? `Versioned<${response}>` : response;
  const failure = `Failure<${error}>`;
  const optional = o.required ? '' : ' = {}';
  if (!o.query) {
    return `
${o.comment}
export const use${o.type} = <C = unknown>(
  options: MutationHookOptions<${result}, ${failure}, Variables<${data}>, C> = {},
): UseMutationResult<${result}, ${failure}, Variables<${data}>, C> =>
  useOperationMutation(${o.id}Mutation, options, ${o.session ? "'reset'" : "'invalidate'"});
`;
  }
  const infinite = `
${o.comment}
export const use${o.type}Infinite = <T = Flat<${response}>>(
  args: InfiniteArgs<${data}> & InfiniteHookArgs<${response}, ${failure}, T>${optional},
): UseInfiniteQueryResult<T, ${failure}> => useOperationInfinite(${o.id}InfiniteOptions, args);
`;
  return `
${o.comment}
export const use${o.type} = <T = ${result}>(
  args: QueryArgs<${data}> & QueryHookArgs<${result}, ${failure}, T>${optional},
): UseQueryResult<T, ${failure}> => useOperation(${o.id}Options, args);
${o.paged ? infinite : ''}`;
}

/** Returns mock.gen.ts. */
export function mockSource(all, statuses) {
  const types = all.map((o) => {
    const names = Object.keys(o.examples).map(quote).join(' | ') || 'never';
    return `  ${o.id}: { data: ${o.type}Response; error: ${o.type}Error; example: ${names} };\n`;
  });
  const facts = Object.fromEntries(
    all.map(({ id, method, path, status, paged, headers, examples, problems }) => [
      id,
      { method, path, status, paged, headers, examples, problems },
    ]),
  );
  return `${header}
import type { ${all.flatMap((o) => [`${o.type}Error`, `${o.type}Response`]).join(', ')} } from './types.gen.js';

/** The types of each operation: its response, its problems, and the names of its examples. */
export interface Operations {
${types.join('')}}

/** What the mock knows about an operation. */
export interface Facts {
  method: 'get' | 'put' | 'post' | 'delete' | 'patch';
  path: string;
  status: number;
  paged: boolean;
  headers: Record<string, string>;
  /** The response bodies, the default first. */
  examples: Record<string, unknown>;
  problems: ReadonlyArray<string>;
}

/** The HTTP status of each problem code. */
export const statuses: Record<string, number> = ${JSON.stringify(statuses, null, 2)};

export const operations: Record<keyof Operations, Facts> = ${JSON.stringify(facts, null, 2)};
`;
}

function examplesOf(spec, media) {
  if (!media) return {};
  if (media.example !== undefined) return { default: media.example };
  const names = media['x-examples-order'] ?? Object.keys(media.examples ?? {});
  return Object.fromEntries(names.map((name) => [name, resolve(spec, media.examples[name]).value]));
}

function propertiesOf(spec, schema) {
  const { properties = {}, allOf = [] } = resolve(spec, schema);
  return new Set([...Object.keys(properties), ...allOf.flatMap((part) => [...propertiesOf(spec, part)])]);
}
