import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { school } from './school.js';

const maxBytes = 6_000; // for one operation, minified and gzipped
const modules = resolve('node_modules');

describe('the package, installed in an empty folder', () => {
  let folder: string;
  let packed: Array<string>;
  let examples: Array<string>;

  const run = async (command: string, ...args: Array<string>): Promise<string> => {
    try {
      return (await promisify(execFile)(command, args, { cwd: folder })).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return assert.fail(`${command} ${args.join(' ')}:\n${stdout}${stderr}`);
    }
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gradus-consumer-'));
    const [{ filename, files }] = JSON.parse(await run('npm', 'pack', resolve('.'), '--json'));
    packed = files.map((file: { path: string }) => file.path);
    await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    await run('npm', 'install', '--offline', '--no-audit', '--no-fund', join(folder, filename));
    examples = [...(await readFile('README.md', 'utf8')).matchAll(/^```ts\n(.*?)^```/gms)].map(
      (block) => block[1] ?? '',
    );
  });
  after(() => rm(folder, { recursive: true }));

  it('contains only the build, the README and the licence', () => {
    const rest = packed.filter((path) => !/^dist\/.*\.(js|d\.ts)$/.test(path));
    assert.deepEqual(rest.sort(), ['LICENSE', 'README.md', 'package.json']);
    assert.ok(packed.includes('dist/gradus.js'));
  });

  it('names no package in its types that is not a peer dependency', async () => {
    const { peerDependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    for (const path of packed.filter((file) => file.endsWith('.d.ts'))) {
      const named = (await readFile(path, 'utf8')).matchAll(/(?:from |import\()['"]([^.'"][^'"]*)['"]/g);
      for (const [, name] of named) assert.ok(Object.keys(peerDependencies).includes(name ?? ''), `${path}: ${name}`);
    }
  });

  it('has no dependencies', async () => {
    assert.deepEqual(Object.keys(JSON.parse(await run('npm', 'ls', '--json', '--all')).dependencies), [
      '@gradus/client',
    ]);
    const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    assert.equal(dependencies, undefined);
  });

  it('runs the first example of the README', async () => {
    const [example = ''] = examples;
    assert.ok(example.includes("'http://127.0.0.1:8080/api/v1'"));
    await writeFile(join(folder, 'example.mjs'), example.replace('http://127.0.0.1:8080/api/v1', school.api));
    const output = await run(process.execPath, 'example.mjs');
    assert.match(output, /^wakatime_key_rejected: .+/);
    assert.match(output, /^Ada Brandt is connected: \d+ of \d+ days known$/m);
    assert.match(output, /^Evening Class: 1 student, \d+ days$/m);
  });

  const strict = ['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--target', 'es2022'];
  const tsc = (...args: Array<string>) =>
    run(process.execPath, join(modules, 'typescript/bin/tsc'), ...strict, ...args);

  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    it(`compiles in a strict project with moduleResolution ${resolution}`, async () => {
      await writeFile(join(folder, 'example.mts'), examples[0] ?? '');
      const args = ['--module', module, '--moduleResolution', resolution, 'example.mts'];
      await tsc('--exactOptionalPropertyTypes', '--lib', 'es2022,dom,dom.iterable', ...args);
    });
  }

  it('type-checks the other examples, and loads the optional entry points', async () => {
    for (const name of ['zod', 'react', '@types/react', '@types/node', '@tanstack/react-query', 'msw']) {
      await mkdir(join(folder, 'node_modules', name, '..'), { recursive: true });
      await symlink(join(modules, name), join(folder, 'node_modules', name));
    }
    const preamble = "import type { Client } from '@gradus/client';\ndeclare const gradus: Client;\n";
    const files = await Promise.all(
      examples.slice(1).map(async (example, i) => {
        await writeFile(join(folder, `more${i}.mts`), preamble + example);
        return `more${i}.mts`;
      }),
    );
    assert.ok(files.length >= 6);
    await tsc(
      '--lib',
      'es2022',
      '--types',
      'node',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--moduleResolution',
      'nodenext',
      ...files,
    );
    const entries =
      "for (const e of ['', '/query', '/react', '/zod']) console.log(Object.keys(await import('@gradus/client' + e)).length)";
    const sizes = (await run(process.execPath, '--input-type=module', '-e', entries)).trim().split('\n').map(Number);
    assert.ok(sizes.length === 4 && sizes.every((n) => n > 35), String(sizes));
  });

  it(`adds at most ${maxBytes} bytes for one operation`, async (t) => {
    const contents = `
      import { createGradus, listBatches } from '@gradus/client';
      console.log(await listBatches({ client: createGradus({ baseUrl: '/api/v1' }) }));`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: folder },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
    });
    const [code] = outputFiles;
    assert.ok(code);
    const size = gzipSync(code.contents, { level: 9 }).length;
    t.diagnostic(`one operation: ${size} bytes, minified and gzipped (${code.contents.length} before)`);
    assert.ok(size <= maxBytes, `${size} bytes`);
    assert.doesNotMatch(code.text, /admin\/dashboard/, 'other operations are tree-shaken');
  });
});
