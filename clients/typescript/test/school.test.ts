import {
  completeWakaTimeAuthorization,
  connectWakaTimeWithKey,
  createBatch,
  createGradus,
  getBatch,
  getBatchProgress,
  getMe,
  getRegistrationKey,
  getWakaTimeConnection,
  joinBatch,
  listMyDays,
  listUsers,
  pages,
  paginate,
  register,
  signOut,
  startWakaTimeAuthorization,
  syncMyDays,
  type Batch,
  type Client,
  updateBatch,
} from '@gradus/client';
import { createBatchMutation, flatten, listUsersInfiniteOptions, listUsersOptions } from '@gradus/client/query';
import { zBatch, zDayReport, zNewBatch } from '@gradus/client/zod';
import { MutationObserver, QueryClient } from '@tanstack/react-query';
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { eventually, newRegistration, newWakaTimeAccount, school, signedInAs } from './school.js';

describe('a server', () => {
  const admin = signedInAs('admin');
  let batch: Batch;
  let key: string;

  before(async () => {
    const today = Date.parse(school.now);
    const day = (offset: number) => new Date(today + offset * 86_400_000).toISOString().slice(0, 10);
    const body = { name: 'Evening Class', starts_on: day(-20), ends_on: day(60), time_zone: 'America/Chicago' };
    ({ data: batch } = await createBatch({ client: admin, body }));
    ({
      data: { key },
    } = await getRegistrationKey({ client: admin, path: { batch_id: batch.id } }));
  });

  const newMember = async () => {
    const { data } = await register({ client: createGradus({ baseUrl: school.api }), body: newRegistration() });
    return createGradus({ baseUrl: school.api, token: data.token ?? '' });
  };
  const newStudent = async (): Promise<Client> => {
    const client = await newMember();
    await joinBatch({ client, body: { registration_key: key } });
    return client;
  };
  const synced = (client: Client) =>
    eventually(
      async () => (await getWakaTimeConnection({ client })).data,
      (c) => c.last_synced_at !== null && !c.syncing,
    );

  it('lets a member join a batch with the registration key', async () => {
    const client = await newMember();
    assert.equal((await getMe({ client })).data.role, 'member');
    const { data, response } = await joinBatch({ client, body: { registration_key: key } });
    assert.equal(response.status, 201);
    assert.equal(data.batch_id, batch.id);
    assert.equal((await getMe({ client })).data.batch?.id, batch.id);
  });

  it('shows the progress of a student who connects with an API key', async () => {
    const client = await newStudent();
    const { api_key } = await newWakaTimeAccount();
    const { data: connection } = await connectWakaTimeWithKey({ client, body: { api_key } });
    assert.equal(connection.kind, 'api_key');
    await synced(client);

    assert.equal((await syncMyDays({ client })).response.status, 202);
    const { data: report } = await listMyDays({ client });
    assert.ok(report.total.known_days > 0);
    assert.deepEqual(zDayReport.parse(report), report, 'the response matches its schema');

    const { data: me } = await getMe({ client });
    const { data: progress } = await getBatchProgress({ client: admin, path: { batch_id: batch.id } });
    const row = progress.items.find((item) => item.student_id === me.id);
    assert.equal(row?.states.length, progress.days.length);
    assert.ok(row.seconds.some((s) => s !== null && s > 0));
  });

  it('connects a student on the consent page', async () => {
    const client = await newStudent();
    const { username } = await newWakaTimeAccount();
    const { data } = await startWakaTimeAuthorization({ client });
    const redirect = await fetch(`${data.authorization_url}&login=${username}`, { redirect: 'manual' });
    const { searchParams } = new URL(redirect.headers.get('Location') ?? '');
    const { data: connection } = await completeWakaTimeAuthorization({
      client,
      body: { code: searchParams.get('code') ?? '', state: searchParams.get('state') ?? '' },
    });
    assert.equal(connection.state, 'connected');
    assert.equal(connection.account?.username, username);
    assert.equal((await synced(client)).failure, null);
  });

  it('updates the given properties of a batch; null clears a property', async () => {
    const path = { batch_id: batch.id };
    const { response } = await getBatch({ client: admin, path });
    const headers = { 'If-Match': response.headers.get('ETag') ?? '' };
    const { data } = await updateBatch({
      client: admin,
      path,
      headers,
      body: { description: 'Evenings', weekly_goal_seconds: null },
    });
    assert.deepEqual([data.description, data.weekly_goal_seconds, data.name], ['Evenings', null, 'Evening Class']);
    assert.deepEqual(zBatch.parse(data), data);
  });

  it('creates one account per idempotency key', async () => {
    const options = {
      client: createGradus({ baseUrl: school.api }),
      body: newRegistration(),
      headers: { 'Idempotency-Key': randomUUID() },
    };
    const first = await register(options);
    const retried = await register(options);
    assert.equal(retried.data.user.id, first.data.user.id);
    assert.equal(retried.response.headers.get('Idempotency-Replayed'), 'true');
  });

  it('rejects requests after signing out', async () => {
    const client = await newMember();
    assert.equal((await signOut({ client })).response.status, 204);
    await assert.rejects(getMe({ client }), { status: 401, code: 'unauthenticated' });
  });

  it('has schemas that reject invalid input', () => {
    const parsed = zNewBatch.safeParse({ name: '', starts_on: '2026-11-31', ends_on: '2027-02-26', time_zone: 'UTC' });
    assert.deepEqual(parsed.error?.issues.map((i) => i.path.join('.')).sort(), ['name', 'starts_on']);
  });

  it('creates a batch with a mutation', async () => {
    const create = new MutationObserver(new QueryClient(), createBatchMutation({ client: admin }));
    const body = { name: 'By mutation', starts_on: '2026-11-02', ends_on: '2027-02-26', time_zone: 'UTC' };
    const created = await create.mutate({ body });
    assert.equal(created.name, 'By mutation');
    assert.match(created.etag ?? '', /^"/);
  });
});

describe('a list of 250 users', () => {
  const admin = signedInAs('admin');

  const allUsers = async () => {
    const ids = new Set<string>();
    for await (const user of paginate(listUsers, { client: admin, query: { limit: 100 } })) ids.add(user.id);
    return ids;
  };

  it('is iterated by item', async () => {
    assert.ok((await allUsers()).size >= 250);
  });

  it('is iterated by page, with each user once', async () => {
    const sizes: Array<number> = [];
    const seen: Array<string> = [];
    for await (const page of pages(listUsers, { client: admin, query: { limit: 60 } })) {
      sizes.push(page.items.length);
      seen.push(...page.items.map((user) => user.id));
    }
    assert.deepEqual(sizes.slice(0, 4), [60, 60, 60, 60]);
    assert.equal(new Set(seen).size, seen.length);
    assert.deepEqual(new Set(seen), await allUsers());
  });

  it('is fetched no further than needed', async () => {
    let requests = 0;
    const client = createGradus({
      baseUrl: school.api,
      headers: { Authorization: `Bearer ${await tokenOf(admin)}` },
      fetch: (...args) => (requests++, fetch(...args)),
    });
    for await (const user of paginate(listUsers, { client, query: { limit: 10 } })) if (user.id) break;
    assert.equal(requests, 1);
  });

  it('is available as TanStack queries', async () => {
    const queries = new QueryClient();
    const page = await queries.fetchQuery(listUsersOptions({ client: admin, query: { limit: 5 } }));
    assert.equal(page.items.length, 5);
    const options = listUsersInfiniteOptions({ client: admin, query: { limit: 50 } });
    const all = flatten(await queries.fetchInfiniteQuery({ ...options, pages: 3 }));
    assert.equal(new Set(all.items.map((user) => user.id)).size, 150);
  });
});

async function tokenOf(client: Client): Promise<string> {
  const { request } = await getMe({ client });
  return (request.headers.get('Authorization') ?? '').replace('Bearer ', '');
}
