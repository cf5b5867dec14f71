import {
  assignInstructor,
  createBatch,
  createGradus,
  getBatch,
  getMe,
  GradusError,
  joinBatch,
  listUsers,
  register,
  signIn,
  type Failure,
  type JoinBatchError,
  updateBatch,
} from '@gradus/client';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newRegistration, school, signedInAs } from './school.js';

const anonymous = createGradus({ baseUrl: school.api });
const admin = signedInAs('admin');
const unknownBatch = '01a03412-2700-7d3a-b1c8-5e7f90a2436e';
const newBatch = {
  name: 'Evening Class',
  starts_on: '2026-11-02',
  ends_on: '2027-02-26',
  time_zone: 'America/Chicago',
};

async function failure(call: Promise<unknown>): Promise<GradusError> {
  const error = await call.then(
    () => assert.fail('the call succeeded'),
    (e: unknown) => e,
  );
  assert.ok(error instanceof GradusError, String(error));
  return error;
}

describe('an error response', () => {
  const cases: Array<{ name: string; call: () => Promise<unknown>; status: number; code: GradusError['code'] }> = [
    { name: '401 without a session', call: () => getMe({ client: anonymous }), status: 401, code: 'unauthenticated' },
    {
      name: '401 with an invalid token',
      call: () => getMe({ client: createGradus({ baseUrl: school.api, token: 'x'.repeat(43) }) }),
      status: 401,
      code: 'unauthenticated',
    },
    {
      name: '401 with a wrong password',
      call: () => signIn({ client: anonymous, body: { email: 'mira@school.example', password: 'wrong' } }),
      status: 401,
      code: 'invalid_credentials',
    },
    {
      name: '403 for another role',
      call: () => listUsers({ client: signedInAs('student') }),
      status: 403,
      code: 'forbidden',
    },
    {
      name: '404 for a batch that does not exist',
      call: () => getBatch({ client: admin, path: { batch_id: unknownBatch } }),
      status: 404,
      code: 'batch_not_found',
    },
    {
      name: '404 for a path outside of the API',
      call: () => getMe({ client: createGradus({ baseUrl: school.api.replace('/api/v1', '/api/v9'), token: 'x' }) }),
      status: 404,
      code: 'not_found',
    },
    {
      name: '409 for an email address that is taken',
      call: () => register({ client: anonymous, body: { ...newRegistration(), email: 'mira@school.example' } }),
      status: 409,
      code: 'email_taken',
    },
    {
      name: '422 for an unknown registration key',
      call: async () => {
        const { data } = await register({ client: anonymous, body: newRegistration() });
        const client = createGradus({ baseUrl: school.api, token: data.token ?? '' });
        await joinBatch({ client, body: { registration_key: 'UNKNOWN7' } });
      },
      status: 422,
      code: 'registration_key_invalid',
    },
  ];
  for (const { name, call, status, code } of cases) {
    it(`is a GradusError: ${name}`, async () => {
      const error = await failure(call());
      assert.deepEqual([error.status, error.code], [status, code]);
      assert.equal(error.message, error.detail);
      assert.match(error.request_id, /^[0-9a-f-]{36}$/);
      assert.equal(error.name, 'GradusError');
    });
  }

  it('lists all invalid fields', async () => {
    const body = { ...newBatch, time_zone: 'Chicago', ends_on: '2026-09-01' };
    const error = await failure(createBatch({ client: admin, body }));
    assert.equal(error.code, 'invalid_request');
    assert.deepEqual(error.errors.map((e) => e.pointer).sort(), ['/ends_on', '/time_zone']);
  });

  it('names an invalid query parameter', async () => {
    const error = await failure(listUsers({ client: admin, query: { limit: 1000 } }));
    assert.deepEqual(
      error.errors.map((e) => e.parameter),
      ['limit'],
    );
  });

  it('has a code that explains a conflict', async () => {
    const { data: batch } = await createBatch({ client: admin, body: newBatch });
    const path = { batch_id: batch.id, user_id: (await getMe({ client: admin })).data.id };
    assert.equal((await failure(assignInstructor({ client: admin, path }))).code, 'not_an_instructor');
  });

  it('is a value with throwOnError: false', async () => {
    const { data, error, response } = await joinBatch({
      client: anonymous,
      body: { registration_key: 'x' },
      throwOnError: false,
    });
    assert.equal(data, undefined);
    assert.equal(response?.status, 401);
    const code: Failure<JoinBatchError>['code'] | undefined = error?.code;
    assert.equal(code, 'unauthenticated');
  });
});

describe('an update with If-Match', () => {
  it('fails with 412 if the batch has changed', async () => {
    const { data: batch, response } = await createBatch({ client: admin, body: newBatch });
    const path = { batch_id: batch.id };
    const headers = { 'If-Match': response.headers.get('ETag') ?? '' };
    await updateBatch({ client: admin, path, headers, body: { description: 'first' } });
    const error = await failure(updateBatch({ client: admin, path, headers, body: { description: 'second' } }));
    assert.deepEqual([error.status, error.code], [412, 'version_mismatch']);
    assert.equal((await getBatch({ client: admin, path })).data.description, 'first');
  });
});
