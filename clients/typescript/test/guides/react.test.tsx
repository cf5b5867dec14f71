// Runs the components of docs/guides/react.md, which `make test-samples` unpacks, with mocks.
import '../dom.js';
import { example, mockGradus } from '@gradus/client/msw';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { setupServer } from 'msw/node';
import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import { StrictMode, type ReactNode } from 'react';
import { App } from '../../.samples/react/app.js';
import { Join } from '../../.samples/react/join.js';
import { NewBatch } from '../../.samples/react/new-batch.js';
import { Rename } from '../../.samples/react/rename.js';
import { Account } from '../../.samples/react/sign-in.js';
import { Students } from '../../.samples/react/students.js';

const mock = mockGradus();
const server = setupServer(...mock.handlers);
before(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => (cleanup(), server.resetHandlers()));
after(() => server.close());

const show = (element: ReactNode) =>
  render(
    <StrictMode>
      <App>{element}</App>
    </StrictMode>,
  );
const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } });
const click = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

it('the list shows one page after the other', async () => {
  const [student] = example('listStudents').items;
  assert.ok(student);
  server.use(
    mock.respond('listStudents', ({ request }) => {
      const second = new URL(request.url).searchParams.get('after') === 'cursor';
      const named = { ...student, id: second ? 'b' : 'a', name: second ? 'Bela' : 'Ada' };
      return { data: { items: [named], next: second ? null : 'cursor' } };
    }),
  );
  show(<Students search="" />);
  await screen.findByText(/^Ada: /);
  click('More');
  await screen.findByText(/^Bela: /);
  assert.ok(screen.getByText(/^Ada: /));
  assert.equal(screen.queryByRole('button', { name: 'More' }), null);
});

it('the form shows field errors next to their fields, and sends a second click with the same key', async () => {
  const keys: Array<string | null> = [];
  const invalid = [{ pointer: '/time_zone', detail: 'Use a name such as America/Chicago.' }];
  server.use(
    mock.respond('createBatch', ({ request }) => {
      keys.push(request.headers.get('Idempotency-Key'));
      return keys.length === 1 ? { code: 'invalid_request', errors: invalid } : { data: example('createBatch') };
    }),
  );
  let created: string | undefined;
  show(<NewBatch onCreated={(id) => (created = id)} />);
  type('name', 'Evening');
  click('Create');
  await screen.findByText('Use a name such as America/Chicago.');
  assert.equal(screen.getByLabelText(/^time_zone/).getAttribute('aria-invalid'), 'true');
  assert.equal((screen.getByLabelText('name') as HTMLInputElement).value, 'Evening');
  click('Create');
  await waitFor(() => assert.equal(created, example('createBatch').id));
  assert.ok(keys[0] && keys[0] === keys[1]);
});

it('the edit shows a conflict, and overwrites the other edit only if the user says so', async () => {
  const sent: Array<string | null> = [];
  let theirs = { name: 'Evening', etag: '"1"' };
  server.use(
    mock.respond('getBatch', () => ({ data: { ...example('getBatch'), name: theirs.name }, headers: { ETag: theirs.etag } })),
    mock.respond('updateBatch', async ({ request }) => {
      sent.push(request.headers.get('If-Match'));
      if (request.headers.get('If-Match') !== theirs.etag) return { code: 'version_mismatch' };
      const { name } = (await request.json()) as { name: string };
      theirs = { name, etag: '"3"' };
      return { data: { ...example('getBatch'), name }, headers: { ETag: theirs.etag } };
    }),
  );
  show(<Rename batch_id="01a03412-2700-7d3a-b1c8-5e7f90a2436d" />);
  fireEvent.click(await screen.findByRole('button', { name: 'Rename Evening' }));
  theirs = { name: 'Theirs', etag: '"2"' };
  type('Name', 'Mine');
  click('Save');
  await screen.findByText(/Its name is now Theirs/);
  click('Keep mine');
  click('Save');
  await screen.findByRole('button', { name: 'Rename Mine' });
  assert.deepEqual(sent, ['"1"', '"2"']);
});

it('a problem has a hint of its own, and others show their detail', async () => {
  server.use(mock.respond('joinBatch', { code: 'batch_full' }, { once: true }));
  show(<Join />);
  type('Registration key', 'DMVOFU7SBQPJ6SSP4W3EQKDBBS');
  click('Join');
  await screen.findByText('Ask your instructor for a seat.');
  server.use(mock.respond('joinBatch', { code: 'already_enrolled', detail: 'You are enrolled.' }));
  type('Registration key', 'DMVOFU7SBQPJ6SSP4W3EQKDBBS'); // the form was reset
  click('Join');
  await screen.findByText('You are enrolled.');
});

it('signing in shows the user, and signing out forgets them', async () => {
  let signedIn = false;
  server.use(
    mock.respond('getMe', () => (signedIn ? { example: 'student' } : { code: 'unauthenticated' })),
    mock.respond('signIn', () => ((signedIn = true), { example: 'student' })),
    mock.respond('signOut', () => ((signedIn = false), { data: undefined })),
  );
  show(<Account />);
  await screen.findByRole('button', { name: 'Sign in' });
  type('Email', 'ada@school.example');
  type('Password', 'x');
  click('Sign in');
  await screen.findByText(new RegExp(example('getMe', 'student').name));
  click('Sign out');
  await screen.findByRole('button', { name: 'Sign in' });
});
