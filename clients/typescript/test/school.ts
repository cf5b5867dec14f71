// Helpers for the server that the tests run against; see run.mjs.
import { createGradus, renewing, sessionOf, signIn, type Client } from '@gradus/client';
import assert from 'node:assert/strict';

interface School {
  api: string;
  fake_wakatime: string;
  now: string;
  accounts: Array<{ role: string; email: string; password: string }>;
}

export const school: School = JSON.parse(process.env['GRADUS_TEST_SCHOOL'] ?? '{}');
assert.ok(school.api, 'GRADUS_TEST_SCHOOL is not set: run the tests with "make test-client-typescript"');

/** Returns a registration with a new email address. */
export function newRegistration() {
  const word = Math.random().toString(36).slice(2, 12);
  return { email: `${word}@school.example`, name: `Robin ${word}`, password: 'seven quiet paper boats' };
}

/** Returns a client that is signed in as the first user with the role. */
export function signedInAs(role: string): Client {
  const account = school.accounts.find((a) => a.role === role);
  assert.ok(account, `the school has no ${role}`);
  const { email, password } = account;
  const client = createGradus({
    baseUrl: school.api,
    token: renewing(async () => sessionOf((await signIn({ client, body: { email, password } })).data).token),
  });
  return client;
}

/** Creates an account on the fake WakaTime server. */
export async function newWakaTimeAccount(): Promise<{ username: string; api_key: string }> {
  const username = `u${Math.random().toString(36).slice(2, 12)}`;
  const response = await fetch(`${school.fake_wakatime}/_fake/people`, {
    method: 'POST',
    body: JSON.stringify({ username, time_zone: 'America/Chicago', activity: { weekly_hours: 14 } }),
  });
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()) as { username: string; api_key: string };
}

/** Calls get until done returns true, for at most 20 seconds. */
export async function eventually<T>(get: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  for (const end = Date.now() + 20_000; ; ) {
    const value = await get();
    if (done(value)) return value;
    assert.ok(Date.now() < end, `timed out; the last value was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
