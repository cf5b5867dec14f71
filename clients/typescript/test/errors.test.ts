import {
  createGradus,
  fieldErrors,
  getMe,
  GradusError,
  GradusNetworkError,
  isGradusError,
  isGradusFailure,
  isNetworkError,
  retryOthers,
} from '@gradus/client';
import { build } from 'esbuild';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createContext, runInContext } from 'node:vm';

const response = (status: number, headers?: HeadersInit) => new Response(null, { status, ...(headers && { headers }) });

describe('an error of another copy of the package, in another realm', () => {
  it('is recognized by instanceof and by the type guards', async () => {
    const contents = `
      import { GradusError, GradusNetworkError } from '@gradus/client';
      globalThis.made = { error: new GradusError(response, {}), network: new GradusNetworkError('timeout', undefined) };`;
    const bundle = await build({
      stdin: { contents, resolveDir: process.cwd() },
      bundle: true,
      format: 'iife',
      write: false,
    });
    const realm = createContext({ response: response(409), AbortController });
    runInContext(bundle.outputFiles[0]?.text ?? '', realm);
    const { error, network } = realm['made'] as { error: unknown; network: unknown };
    assert.ok(!(error instanceof Error), 'the realms are separate');
    assert.ok(error instanceof GradusError && isGradusError(error) && error.status === 409);
    assert.ok(network instanceof GradusNetworkError && isNetworkError(network) && network.code === 'timeout');
    assert.ok(!(error instanceof GradusNetworkError) && !(network instanceof GradusError));
  });
});

describe('the type guards', () => {
  it('accept nothing else', () => {
    for (const other of [undefined, null, 'x', new Error('x'), { code: 'x' }, new TypeError('x')]) {
      assert.ok(!isGradusFailure(other) && !(other instanceof GradusError) && !(other instanceof GradusNetworkError));
    }
  });

  it('tell a subclass from its parent', () => {
    class Mine extends GradusError {}
    assert.ok(new Mine(response(404), {}) instanceof Mine);
    assert.ok(new Mine(response(404), {}) instanceof GradusError);
    assert.ok(!(new GradusError(response(404), {}) instanceof Mine));
  });

  it('narrow a failure to its class', async () => {
    const client = createGradus({ baseUrl: 'http://x/api/v1', fetch: async () => response(404) });
    const { error } = await getMe({ client, throwOnError: false });
    assert.ok(error);
    if (isNetworkError(error)) assert.fail(`${error.code satisfies string}: ${error.cause}`);
    else assert.equal(error.status satisfies number, 404);
  });
});

describe('fieldErrors', () => {
  it('returns the first message of each field, by its name', () => {
    const field = (pointer: string | null, parameter: string | null, detail: string) => ({
      pointer,
      parameter,
      code: 'invalid',
      detail,
    });
    const errors = [
      field('/time_zone', null, 'one'),
      field('/time_zone', null, 'two'),
      field('/a~1b/0', null, 'nested'),
      field(null, 'limit', 'parameter'),
      field('', null, 'whole body'),
    ];
    const error = new GradusError(response(422), { code: 'invalid_request', errors });
    assert.deepEqual(fieldErrors(error), { time_zone: 'one', 'a/b.0': 'nested', limit: 'parameter', '': 'whole body' });
  });

  it('is empty for other errors', () => {
    assert.deepEqual(fieldErrors(new Error('x')), {});
    assert.deepEqual(fieldErrors(new GradusNetworkError('timeout', undefined)), {});
    assert.deepEqual(fieldErrors(undefined), {});
  });
});

describe('retryOthers', () => {
  it('does not retry what the client has retried', () => {
    assert.equal(retryOthers(0, new GradusError(response(503), {})), false);
    assert.equal(retryOthers(0, new GradusNetworkError('network_error', undefined)), false);
    assert.equal(retryOthers(2, new Error('x')), true);
    assert.equal(retryOthers(3, new Error('x')), false);
  });
});
