import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DirectoryLock } from '../../../packages/back-end/src/index.ts';
import { at, DOMAIN, type Fixture, openFixture } from '../fixture.ts';
import { gone, lockOf, person, run } from './directory-fixture.ts';

let fixture: Fixture;
let lock: DirectoryLock;
beforeEach(async () => {
  fixture = await openFixture();
  lock = await lockOf(fixture.backEnd);
});
afterEach(async () => {
  await lock.release();
  await fixture.close();
});

/** What the address book says of whom that it did not say at `version`. */
const since = async (version: number) => {
  const people = await fixture.database.query<{ name: string }>(
    'select address, display_name as name from data.person where version > $1 order by address',
    [version],
  );
  const removed = await fixture.database.query<{ address: string }>(
    'select address from data.person_removed where version > $1 order by address',
    [version],
  );
  return { people: people.map(({ name }) => name), removed: removed.map(({ address }) => address.replace(/@.*/, '')) };
};
const version = async () =>
  Number((await fixture.database.query<{ version: string }>('select version from data.address_book'))[0]!.version);

it('has what the directory says of people, and tells what has changed since a version', async () => {
  const boss = 'uid=p2,dc=example,dc=org';
  const phones = [{ type: 'work' as const, number: '+49 30 1' }];
  const alice = { displayName: 'Alice', department: 'Sales', managerDn: boss.toUpperCase(), phones, hidden: true };
  await run(lock, [person(1, 'alice', alice), person(2, 'bob', { displayName: 'Bob' })]);
  const [row] = await fixture.database.query('select * from data.person where display_name = $1', ['Alice']);
  expect(row).toMatchObject({ address: `alice@${DOMAIN}`, department: 'Sales', phones, hidden: true, title: null });

  const first = await version();
  await run(lock, [person(1, 'alice', { ...alice, title: 'Director' })]);
  expect(await since(first)).toEqual({ people: ['Alice'], removed: [] });
  const second = await version();
  await run(lock, [person(1, 'alice', { ...alice, title: 'Director', passwordChangedAt: at(1) })]);
  expect(await since(second)).toEqual({ people: [], removed: [] });
  // Her manager has another address now.
  await run(lock, [person(2, 'robert', { displayName: 'Bob' })]);
  expect(await since(second)).toEqual({ people: ['Alice', 'Bob'], removed: ['bob'] });
});

it('has nobody who is disabled or gone, whoever did it', async () => {
  const bob = person(2, 'bob', { displayName: 'Bob' });
  await run(lock, [person(1, 'alice', { displayName: 'Alice' }), bob]);
  const first = await version();
  await run(lock, [gone(1)]);
  await fixture.backEnd.setAccountEnabled({ user: 'bob', domain: DOMAIN, enabled: false });
  expect(await since(0)).toEqual({ people: [], removed: ['alice', 'bob'] });
  expect(await since(first)).toEqual({ people: [], removed: ['alice', 'bob'] });
  await fixture.backEnd.setAccountEnabled({ user: 'bob', domain: DOMAIN, enabled: true });
  expect(await since(first)).toEqual({ people: ['Bob'], removed: ['alice'] });
});

it('keeps who swap addresses, and forgets those that left after 30 days', async () => {
  await run(lock, [person(1, 'alice', { displayName: 'A' }), person(2, 'bob', { displayName: 'B' })]);
  const first = await version();
  await run(lock, [person(1, 'bob', { displayName: 'A' }), person(2, 'alice', { displayName: 'B' })]);
  expect(await since(first)).toEqual({ people: ['B', 'A'], removed: [] });
  await run(lock, [gone(2)]);
  await run(lock, [], { now: at(30 * 86_400) });
  expect((await since(first)).removed).toEqual(['alice']);
  await run(lock, [], { now: at(30 * 86_400 + 1) });
  expect((await since(first)).removed).toEqual([]);
  const [book] = await fixture.database.query<{ floor_version: string }>('select floor_version from data.address_book');
  expect(Number(book!.floor_version)).toBeGreaterThan(first);
});
