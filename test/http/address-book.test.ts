import { randomUUID } from 'node:crypto';
import type { DirectoryPerson } from '@rollcall/back-end';
import { openBackEnd } from '@rollcall/back-end';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, signIn } from './http-client.ts';

let pool: FrontEndPool;
let token: string;
beforeAll(async () => {
  pool = await startFrontEndPool();
  token = (await signIn(pool.frontEnd, await pool.addAccount('searcher'))).accessToken;
  await follow([
    ['alice', { displayName: 'Alice Müller', phones: [{ type: 'work', number: '+49 30 1' }], title: 'Clerk' }],
    ['bob', { displayName: 'Bob Jones', hidden: true }],
    ['carol', { displayName: 'Carol Alison', managerDn: 'uid=alice' }],
  ]);
});
afterAll(() => pool?.stop());

/** What the user replicator does with entries of the directory. */
async function follow(entries: readonly (readonly [string, Partial<DirectoryPerson>])[]): Promise<void> {
  const backEnd = await openBackEnd({ databaseUrl: pool.adminUrl });
  const lock = await backEnd.lockDirectory({ holder: 'test' });
  if (!lock.locked) throw new Error('the directory is locked');
  await lock.beginDirectoryRun({ full: false });
  await lock.stageDirectoryChanges(
    entries.map(([user, more]) => {
      const who = { id: randomUUID(), dn: `uid=${user}`, signInName: `uid=${user}`, user, domain: DOMAIN };
      const person = { ...who, enabled: true, role: 'user', phones: [], hidden: false, ...more } as const;
      return { kind: 'person', person: person as DirectoryPerson, groups: [] };
    }),
  );
  await lock.applyDirectoryChanges({ full: false, cookie: Buffer.from('x'), disableLimitPercent: 10 });
  await lock.release();
  await backEnd.close();
}

const ask = (path: string) => call(pool.frontEnd, `GET /v1/address-book${path}`, { token });
const addresses = (answer: { body: { people: { address: string }[] } }) => answer.body.people.map((one) => one.address);

const nobody = {
  ...{ displayName: null, givenName: null, surname: null, mail: null, phones: [], title: null, department: null },
  ...{ company: null, office: null, manager: null, photoHash: null },
};

it('finds people by the beginnings of their words, then by likeness', async () => {
  const answer = await ask('?q=ali');
  expect(answer.status).toBe(200);
  expect(addresses(answer)).toEqual(['alice@example.org', 'carol@example.org']);
  expect(answer.body.people[0]).toEqual({
    ...{ ...nobody, address: 'alice@example.org', displayName: 'Alice Müller', title: 'Clerk' },
    ...{ phones: [{ type: 'work', number: '+49 30 1' }], inDirectory: true, similar: false },
  });
  expect(addresses(await ask('?q=ali&limit=1'))).toEqual(['alice@example.org']);
  expect((await ask('?q=allice')).body.people).toMatchObject([{ address: 'alice@example.org', similar: true }]);
  expect(addresses(await ask('?q=search'))).toEqual(['searcher@example.org']);
  expect(addresses(await ask('?q=bob'))).toEqual([]);
});

it('shows one person, with their manager; nobody hidden', async () => {
  expect((await ask('/carol@example.org')).body).toEqual({
    ...{ ...nobody, address: 'carol@example.org', displayName: 'Carol Alison' },
    ...{ manager: 'alice@example.org', inDirectory: true },
  });
  expect((await ask('/searcher@example.org')).body).toEqual({
    ...{ ...nobody, address: 'searcher@example.org', inDirectory: false },
  });
  for (const who of ['bob@example.org', 'nobody@example.org', '%00@example.org', 'x'])
    expect((await ask(`/${who}`)).status, who).toBeGreaterThanOrEqual(400);
  expect(await ask('/bob@example.org')).toMatchObject({
    ...{ status: 404, body: { type: 'urn:rollcall:problem:account-unknown' } },
  });
});

it('tells all of it in pages, and then what has changed', async () => {
  const first = await ask('?limit=1');
  expect(first.body).toMatchObject({ full: true, more: true, people: [{}], removed: [] });
  let page = first;
  const seen = addresses(first);
  while (page.body.more) {
    page = await ask(`?limit=1&since=${page.body.version}`);
    expect(page.body.full).toBe(false);
    seen.push(...addresses(page));
  }
  expect(seen.toSorted()).toEqual(['alice@example.org', 'carol@example.org']);
  await follow([['dave', { displayName: 'Dave' }]]);
  const delta = await ask(`?since=${page.body.version}`);
  expect(delta.body).toMatchObject({ full: false, more: false, people: [{ address: 'dave@example.org' }] });
});

it('refuses what it cannot take, and who has no token', async () => {
  for (const query of [
    '?q=',
    '?q=a&limit=101',
    '?q=a&since=1',
    '?limit=1001',
    '?since=x',
    '?since=1-2',
    `?q=${'a'.repeat(201)}`,
    '?q=%00',
  ])
    expect(await ask(query), query).toMatchObject({
      status: 400,
      body: { type: 'urn:rollcall:problem:invalid-request' },
    });
  for (const path of ['?q=a', '', '/alice@example.org'])
    expect((await call(pool.frontEnd, `GET /v1/address-book${path}`)).status).toBe(401);
});
