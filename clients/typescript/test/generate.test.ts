import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

describe('the generator', () => {
  let folder: string;
  let sdk: string, types: string, facts: string, query: string, react: string, mock: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gradus-client-'));
    const out = join(folder, 'out');
    await promisify(execFile)(process.execPath, ['scripts/generate.mjs', 'test/fixtures/tiny.yaml', out]);
    [sdk, types, facts, query, react, mock] = (await Promise.all(
      ['sdk', 'types', 'facts', 'query', 'react', 'mock'].map((file) => readFile(join(out, `${file}.gen.ts`), 'utf8')),
    )) as [string, string, string, string, string, string];
  });
  after(() => rm(folder, { recursive: true }));

  /** Returns the comment above a declaration. */
  const commentOf = (source: string, declaration: string) => {
    const [before] = source.split(declaration);
    return before?.slice(before.lastIndexOf('/**')) ?? '';
  };

  it('marks a deprecated operation with @deprecated and its sunset', () => {
    const comment = commentOf(sdk, 'export const listThings');
    assert.match(comment, /@deprecated/);
    assert.match(comment, /remove it on or after 2027-03-01/);
  });

  it('does not mark other operations', () => {
    assert.doesNotMatch(commentOf(sdk, 'export const createThing'), /@deprecated/);
  });

  it('marks a deprecated property with @deprecated', () => {
    assert.match(commentOf(types, 'old: string'), /@deprecated/);
  });

  it('groups the problem codes of an operation by status, and the rest under default', () => {
    const errors = /CreateThingErrors = \{(.*?)\n\};/s.exec(types)?.[1] ?? '';
    assert.match(errors, /409: Problem & \{\s*code: 'thing_taken';/);
    assert.match(errors, /default: Problem & \{\s*code: 'teapot' \| 'internal';/);
  });

  it('lists the creates and sets the User-Agent', () => {
    assert.match(facts, /creates.*= \[\s*'POST \/things',\s*\]/);
    assert.match(facts, /\(api 1\.2\.3\)/);
  });

  it('marks hooks and options of a deprecated operation with @deprecated', () => {
    assert.match(commentOf(query, 'export const listThingsOptions'), /@deprecated/);
    assert.match(commentOf(react, 'export const useListThings ='), /@deprecated/);
    assert.doesNotMatch(commentOf(react, 'export const useCreateThing ='), /@deprecated/);
  });

  it('writes options for lists, versions and writes by what the operation has', () => {
    assert.match(query, /listThingsInfiniteOptions/);
    assert.match(query, /getThingOptions = .*\n  versionedQuery<Versioned<GetThingResponse>, /);
    assert.doesNotMatch(query, /getThingInfiniteOptions/);
    assert.match(react, /useCreateThing = .*\n.*MutationHookOptions<CreateThingResponse, /);
  });

  it('lists the examples in the order of the contract', () => {
    assert.match(mock, /getThing: \{ data: GetThingResponse; error: GetThingError; example: 'used' \| 'fresh' \}/);
  });
});
