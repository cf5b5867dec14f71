// Generates src/generated from the OpenAPI document. Pass another document and folder to
// override the defaults:
//   node scripts/generate.mjs [SPEC [FOLDER]]
import { createClient } from '@hey-api/openapi-ts';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, mockSource, querySource, reactSource } from './queries.mjs';
import { header, operations, parametersOf, quote, resolve } from './spec.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const [input = at('../../../api/openapi.gen.yaml'), output = at('../src/generated')] = process.argv.slice(2);

const next = `  /**
   * How Next.js caches the response. Other platforms ignore it.
   */
  next?: { revalidate?: number | false | undefined; tags?: string[] | undefined } | undefined;`;

let facts, described, statuses;
await createClient({
  input,
  output: { path: output, module: { extension: '.js' } },
  logs: { level: 'warn', file: false },
  parser: {
    // One type for requests and responses: a write-only password is part of both.
    transforms: { readWrite: false },
    patch: {
      input: (spec) => {
        joinNull(spec);
        statuses = spec.components.schemas.ProblemCode['x-statuses'];
        facts = factsOf(spec);
        narrowProblems(spec);
        describeSunsets(spec);
        described = describe(spec);
      },
    },
  },
  plugins: [
    { name: '@hey-api/client-fetch', throwOnError: true, baseUrl: false },
    '@hey-api/typescript',
    { name: '@hey-api/sdk', client: false }, // no global client: each call passes its own
    'zod',
  ],
});

const { version } = JSON.parse(await readFile(at('../package.json'), 'utf8'));
await writeFile(
  `${output}/facts.gen.ts`,
  `${header}
/** The User-Agent header. The server uses it to count the callers of deprecated operations. */
export const userAgent = ${quote(`gradus-typescript/${version} (api ${facts.version})`)};

/** The operations that accept an Idempotency-Key. */
export const creates: ReadonlyArray<string> = [${facts.creates.map((c) => `\n    ${quote(c)},`).join('')}
];
`,
);
await writeFile(`${output}/query.gen.ts`, querySource(described));
await writeFile(`${output}/react.gen.ts`, reactSource(described));
await writeFile(`${output}/mock.gen.ts`, mockSource(described, statuses));
await correctTypes(`${output}/client/types.gen.ts`);

// correctTypes states what the client really does: errors are those of src/errors.ts, and the
// option `next` of Next.js is passed on.
async function correctTypes(file) {
  const text = await readFile(file, 'utf8');
  const replaced = [
    [/\n  \/\*\*(?:(?!\*\/)[^])*?client-next(?:(?!\*\/)[^])*?\*\/\n  next\?: never;/, `\n${next}`],
    ['error: TError extends Record<string, unknown> ? TError[keyof TError] : TError;', `error: Failure<TError extends Record<string, unknown> ? TError[keyof TError] : TError>;`],
    ["import type { Auth } from '../core/auth.gen.js';", "import type { Failure } from '../../errors.js';\nimport type { Auth } from '../core/auth.gen.js';"],
  ].reduce((from, [old, replacement]) => {
    const to = from.replace(old, replacement);
    if (to === from) throw new Error(`${file}: the generator no longer writes ${old}`);
    return to;
  }, text);
  await writeFile(file, replaced);
}

// joinNull writes "a reference or null" as a nullable reference: the generator of schemas for
// zod takes the null for unknown.
function joinNull(node) {
  for (const child of Object.values(node)) {
    if (child && typeof child === 'object') joinNull(child);
  }
  if (node.oneOf?.length === 2 && node.oneOf[1].enum?.[0] === null) {
    node.nullable = true;
    node.allOf = [node.oneOf[0]];
    delete node.oneOf;
  }
}

// narrowProblems limits each error response to its problem codes, so that the type of
// error.code lists the codes of the operation.
function narrowProblems(spec) {
  for (const { operation } of operations(spec)) {
    const own = operation['x-problem-codes'] ?? [];
    const named = new Set(Object.keys(operation.responses).map(Number));
    for (const [status, response] of Object.entries(operation.responses)) {
      const codes =
        status === 'default'
          ? [...own.filter((code) => !named.has(statuses[code])), ...spec['x-problem-codes']]
          : own.filter((code) => statuses[code] === Number(status));
      const shared = resolve(spec, response);
      if (codes.length === 0 || !shared.content?.['application/problem+json']) continue;
      const code = { type: 'string', enum: codes };
      const schema = {
        allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', required: ['code'], properties: { code } }],
      };
      operation.responses[status] = { ...shared, content: { 'application/problem+json': { schema } } };
    }
  }
}

// describeSunsets adds the sunset of each deprecated operation to its description.
function describeSunsets(spec) {
  for (const { operation } of operations(spec)) {
    const sunset = operation['x-sunset'];
    if (!sunset) continue;
    const day = new Date(sunset).toISOString().slice(0, 10); // an unquoted date in YAML is a Date
    operation.description = `${operation.description ?? ''}\n\nThe server may remove it on or after ${day}.`.trim();
  }
}

// factsOf returns the facts that src/gradus.ts needs.
function factsOf(spec) {
  const creates = operations(spec)
    .filter(({ item, operation }) =>
      parametersOf(spec, item, operation).some((p) => p.in === 'header' && p.name === 'Idempotency-Key'),
    )
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  return { version: spec.info.version, creates };
}
