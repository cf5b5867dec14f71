import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

describe('of a contract, the generator makes', () => {
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

  /** The comment in front of a declaration. */
  const commentOf = (source: string, declaration: string) => {
    const [before] = source.split(declaration);
    return before?.slice(before.lastIndexOf('/**')) ?? '';
  };

  it('a @deprecated that says from when on, of an operation that is to go', () => {
    const comment = commentOf(sdk, 'export const listThings');
    assert.match(comment, /@deprecated/);
    assert.match(comment, /gone from 2027-03-01 on/);
  });

  it('no @deprecated of one that stays', () => {
    assert.doesNotMatch(commentOf(sdk, 'export const makeThing'), /@deprecated/);
  });

  it('a @deprecated of a property', () => {
    assert.match(commentOf(types, 'old: string'), /@deprecated/);
  });

  it('the codes of a failure under its status, and the rest under default', () => {
    const errors = /MakeThingErrors = \{(.*?)\n\};/s.exec(types)?.[1] ?? '';
    assert.match(errors, /409: Problem & \{\s*code: 'thing_taken';/);
    assert.match(errors, /default: Problem & \{\s*code: 'teapot' \| 'internal';/);
  });

  it('the list of creates, and the version that the client names', () => {
    assert.match(facts, /creates.*= \[\s*'POST \/things',\s*\]/);
    assert.match(facts, /\(api 1\.2\.3\)/);
  });
});
