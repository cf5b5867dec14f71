// What the tests know of the server that they run against; see run.mjs.
import { createGradus, renewing, signIn, type Client } from '@gradus/client';
import assert from 'node:assert/strict';

interface School {
  api: string;
  fake_wakatime: string;
  now: string;
  accounts: Array<{ role: string; email: string; password: string }>;
}

export const school: School = JSON.parse(process.env['GRADUS_TEST_SCHOOL'] ?? '{}');
assert.ok(school.api, 'run the tests with "make test-client-typescript": they need a server');

/** Somebody new, with everything that registering asks for. */
export function newcomer() {
  const word = Math.random().toString(36).slice(2, 12);
  return { email: `${word}@school.example`, name: `Robin ${word}`, password: 'seven quiet paper boats' };
}

/** A client that is signed in as the first of a role. */
export function signedInAs(role: string): Client {
  const account = school.accounts.find((a) => a.role === role);
  assert.ok(account, `the school has a ${role}`);
  const { email, password } = account;
  const client = createGradus({
    baseUrl: school.api,
    token: renewing(async () => (await signIn({ client, body: { email, password } })).data.token),
  });
  return client;
}

/** A person at the fake WakaTime server whom nobody has connected yet. */
export async function wakaTimePerson(): Promise<{ username: string; api_key: string }> {
  const username = `u${Math.random().toString(36).slice(2, 12)}`;
  const response = await fetch(`${school.fake_wakatime}/_fake/people`, {
    method: 'POST',
    body: JSON.stringify({ username, time_zone: 'America/Chicago', activity: { weekly_hours: 14 } }),
  });
  assert.equal(response.status, 201, await response.clone().text());
  return (await response.json()) as { username: string; api_key: string };
}

/** Asks until it is so, for at most twenty seconds. */
export async function eventually<T>(ask: () => Promise<T>, so: (answer: T) => boolean): Promise<T> {
  for (const end = Date.now() + 20_000; ; ) {
    const answer = await ask();
    if (so(answer)) return answer;
    assert.ok(Date.now() < end, `still waiting; the last answer was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
