import {
  createGradus,
  getBatch,
  getMe,
  joinBatch,
  listStudents,
  pages,
  restoreBatch,
  sessionOf,
  signIn,
  SignInChallengeError,
  updateBatch,
} from '@gradus/client';
import { example, mockGradus, type Operations } from '@gradus/client/msw';
import { zBatch, zMe } from '@gradus/client/zod';
import * as schemas from '@gradus/client/zod';
import { setupServer } from 'msw/node';
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import * as sdk from '@gradus/client';

const baseUrl = 'https://gradus.example.org/api/v1';
const mock = mockGradus({ baseUrl });
const server = setupServer(...mock.handlers);
const client = createGradus({ baseUrl, token: 'any', retries: 0 });
const path = { batch_id: '01a03412-2700-7d3a-b1c8-5e7f90a2436d' };
const prefer = (value: string) => ({ client, headers: { Prefer: value } as Record<string, string> });

before(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
after(() => server.close());

describe('the handlers for Mock Service Worker', () => {
  it('return the first example, with the headers of the contract', async () => {
    const { data, response } = await getBatch({ client, path });
    assert.deepEqual(zBatch.parse(data), data);
    assert.deepEqual(data, example('getBatch'));
    assert.match(response.headers.get('ETag') ?? '', /^"/);
  });

  it('have one for each operation, with a response that matches its schema', async () => {
    const called = new Set<string>();
    for (const name of Object.keys(sdk).filter((key) => key in names)) {
      const call = sdk[name as keyof typeof sdk] as (options: object) => Promise<{ data: object; response: Response }>;
      const ids = { batch_id: 'b', user_id: 'u', student_id: 's', account_id: 'a', session_id: 'i' };
      const { data, response } = await call({ client, path: ids, ...(!/^(get|list)/.test(name) && { body: {} }) });
      const schema = schemas[`z${name[0]?.toUpperCase()}${name.slice(1)}Response` as keyof typeof schemas];
      if (response.status !== 204) assert.ok((schema as typeof zMe).safeParse(data).success, name);
      called.add(name);
    }
    assert.deepEqual(called, new Set(Object.keys(names)));
  });

  it('return the example that the request prefers', async () => {
    const { data, response } = await getMe(prefer('example=instructor'));
    assert.equal(data.role, 'instructor');
    assert.equal(response.headers.get('Preference-Applied'), 'example=instructor');
  });

  it('return the problem that the request prefers, by its code or status', async () => {
    const body = { registration_key: 'x' };
    await assert.rejects(joinBatch({ ...prefer('code=batch_full'), body }), { status: 409, code: 'batch_full' });
    await assert.rejects(getMe(prefer('code=503')), { status: 503, retryAfter: 1 });
  });

  it('reject a preference that the operation does not have', async () => {
    await assert.rejects(getMe(prefer('example=nobody')), { status: 422, code: 'invalid_request' });
    await assert.rejects(getMe(prefer('code=batch_full')), { status: 422 });
  });

  it('page through the items of a list', async () => {
    const sizes: Array<number> = [];
    for await (const page of pages(listStudents, { client, query: { limit: 1 } })) sizes.push(page.items.length);
    assert.deepEqual(sizes, example('listStudents').items.map(() => 1));
  });

  it('return a session, which is told from the challenge of a second factor', async () => {
    const { data } = await signIn({ client, body: { email: 'hana@school.example', password: 'x' } });
    assert.equal(sessionOf(data), data);
    const challenge = { challenge: 'c', expires_at: '2026-10-14T18:35:00Z', methods: ['totp' as const] };
    const isIt = (error: unknown) => error instanceof SignInChallengeError && error.challenge === challenge;
    assert.throws(() => sessionOf(challenge), isIt);
  });

  it('have no body for 204', async () => {
    assert.equal((await restoreBatch({ client, path })).response.status, 204);
  });

  it('match any host without a base URL', async () => {
    server.resetHandlers(...mockGradus().handlers);
    const other = createGradus({ baseUrl: 'http://localhost:9/api/v1' });
    assert.equal((await getMe({ client: other })).data.id, example('getMe').id);
    server.resetHandlers(...mock.handlers);
  });
});

describe('an override', () => {
  it('returns another example, body or problem', async () => {
    const named = { ...example('getBatch'), name: 'Mocked' };
    server.use(
      mock.respond('getMe', { example: 'member' }),
      mock.respond('getBatch', { data: named, headers: { ETag: '"9"' } }),
      mock.respond('updateBatch', { code: 'version_mismatch' }),
    );
    assert.equal((await getMe({ client })).data.role, 'member');
    const { data, response } = await getBatch({ client, path });
    assert.deepEqual([data.name, response.headers.get('ETag')], ['Mocked', '"9"']);
    await assert.rejects(updateBatch({ client, path, body: {} }), { status: 412, code: 'version_mismatch' });
  });

  it('can list invalid fields', async () => {
    server.use(
      mock.respond('updateBatch', { code: 'invalid_request', errors: [{ pointer: '/name', detail: 'Too long.' }] }),
    );
    const error = await updateBatch({ client, path, body: {} }).catch((e: unknown) => e);
    assert.deepEqual(sdk.fieldErrors(error), { name: 'Too long.' });
  });

  it('can depend on the request, and apply once', async () => {
    server.use(
      mock.respond('getBatch', ({ params }) => ({ data: { ...example('getBatch'), id: String(params['batch_id']) } }), {
        once: true,
      }),
    );
    assert.equal((await getBatch({ client, path })).data.id, path.batch_id);
    assert.equal((await getBatch({ client, path })).data.id, example('getBatch').id);
  });

  it('has types that reject what the operation cannot return', () => {
    // @ts-expect-error getMe has no such example
    mock.respond('getMe', { example: 'autumn' });
    // @ts-expect-error getMe cannot fail so
    mock.respond('getMe', { code: 'batch_full' });
    // @ts-expect-error a batch is not a user
    mock.respond('getMe', { data: example('getBatch') });
  });
});

// The names of all operations, which the compiler checks to be complete.
const names: Record<keyof Operations, true> = {
  register: true,
  signIn: true,
  reauthenticate: true,
  requestPasswordReset: true,
  confirmPasswordReset: true,
  completeSignIn: true,
  requestEmailChange: true,
  confirmEmailChange: true,
  undoEmailChange: true,
  refreshSession: true,
  signOut: true,
  getTotp: true,
  startTotp: true,
  enableTotp: true,
  disableTotp: true,
  rotateRecoveryCodes: true,
  disableUserTotp: true,
  getMe: true,
  updateMe: true,
  changePassword: true,
  listMySessions: true,
  listMyApiTokens: true,
  createApiToken: true,
  revokeMyApiToken: true,
  listApiTokens: true,
  revokeApiToken: true,
  revokeMyOtherSessions: true,
  revokeMySession: true,
  listUserSessions: true,
  revokeUserSessions: true,
  listUsers: true,
  getUser: true,
  changeUserRole: true,
  suspendUser: true,
  reinstateUser: true,
  listBatches: true,
  createBatch: true,
  getBatch: true,
  updateBatch: true,
  archiveBatch: true,
  restoreBatch: true,
  listBatchInstructors: true,
  assignInstructor: true,
  removeInstructor: true,
  getRegistrationKey: true,
  updateRegistrationKey: true,
  rotateRegistrationKey: true,
  joinBatch: true,
  listStudents: true,
  getStudent: true,
  getWakaTimeConnection: true,
  disconnectWakaTime: true,
  startWakaTimeAuthorization: true,
  completeWakaTimeAuthorization: true,
  connectWakaTimeWithKey: true,
  syncMyDays: true,
  listWakaTimeServers: true,
  disconnectStudentWakaTime: true,
  listStudentWakaTimeAccounts: true,
  acceptWakaTimeAccount: true,
  rejectWakaTimeAccount: true,
  listMyDays: true,
  getToday: true,
  listStudentDays: true,
  getStudentCoverage: true,
  syncStudentDays: true,
  getBatchProgress: true,
  getBatchCoverage: true,
  getDashboard: true,
  listAuditEntries: true,
};
