import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

describe('the generator', () => {
  let folder: string;
  let sdk: string, types: string, facts: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gradus-client-'));
    const out = join(folder, 'out');
    await promisify(execFile)(process.execPath, ['scripts/generate.mjs', 'test/fixtures/tiny.yaml', out]);
    [sdk, types, facts] = (await Promise.all(
      ['sdk.gen.ts', 'types.gen.ts', 'facts.gen.ts'].map((file) => readFile(join(out, file), 'utf8')),
    )) as [string, string, string];
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
});
