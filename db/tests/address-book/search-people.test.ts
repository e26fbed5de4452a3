import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DirectoryPerson } from '../../../packages/back-end/src/index.ts';
import { gone, lockOf, person, run } from '../directory/directory-fixture.ts';
import { DOMAIN, type Fixture, openFixture } from '../fixture.ts';

let fixture: Fixture;
let reader: number;
const PEOPLE: [string, Partial<DirectoryPerson>][] = [
  ['anna', { displayName: 'Anna Müller', department: 'Sales', title: 'Manager', mail: 'am@mail.example' }],
  ['anna2', { displayName: 'Annabel Strauß', surname: 'Strauß', office: 'Köln' }],
  ['ben', { displayName: 'Müller, Ben', givenName: 'Ben', surname: 'Müller', department: 'Sales' }],
  ['chris', { displayName: 'Chris Johnson', company: 'Annexe' }],
  ['doe', { givenName: 'Δημήτρης', surname: 'Παπαδόπουλος' }],
  ['hidden', { displayName: 'Anna Hidden', hidden: true }],
  ['off', { displayName: 'Anna Off', enabled: false }],
];

beforeAll(async () => {
  fixture = await openFixture();
  reader = (await fixture.addAccount('manny')).accountId;
  const lock = await lockOf(fixture.backEnd);
  await run(
    lock,
    PEOPLE.map(([user, more], index) => person(index + 1, user, more)),
    { full: true },
  );
  await lock.release();
});
afterAll(() => fixture.close());

const search = async (query: string, { readerId = reader, limit = 20 } = {}) =>
  (await fixture.backEnd.searchPeople({ readerId, query, limit })).map(({ user, isSimilar }) =>
    isSimilar ? `~${user}` : user,
  );
const accountId = async (user: string) => (await fixture.backEnd.findSignIn({ user, domain: DOMAIN }))!.accountId;

describe('who is found', () => {
  it('by how words begin, in any order, without accents and in any case', async () => {
    for (const query of ['mul', 'MÜLL', 'müller', 'mu'.normalize('NFD')])
      expect(await search(query), query).toEqual(['ben', 'anna']);
    for (const query of ['anna mül', 'Müller, Anna', 'm an']) expect((await search(query))[0], query).toBe('anna');
    expect(await search('strauss')).toEqual(['anna2']);
    expect(await search('παπ')).toEqual(['doe']);
  });

  it('by what else is said of them, after those who are called so', async () => {
    expect(await search('sales')).toEqual(['anna', 'ben']);
    expect(await search('sales ben')).toEqual(['ben']);
    expect(await search('ann')).toEqual(['anna', 'anna2', 'chris']);
    expect(await search('am@mail')).toEqual(['anna']);
    expect(await search('koln')).toEqual(['anna2']);
    expect((await search('man'))[0], 'an account made by hand before a Manager').toMatch(/^manny-/);
  });

  it('by names that are like it, last', async () => {
    expect(await search('jonson')).toEqual(['~chris']);
    expect(await search('cris jonson')).toEqual(['~chris']);
    expect(await search('mueller')).toEqual(expect.arrayContaining(['~anna', '~ben']));
    expect(await search('anna muler')).toEqual(expect.arrayContaining(['~anna']));
  });

  it('accounts made by hand by the beginning of their address', async () => {
    const manny = `manny-${1}`;
    for (const query of ['manny', 'MANNY-', `${manny}@`, `${manny}@EXAMPLE`])
      expect(await search(query)).toEqual([manny]);
    for (const query of [`${manny}@other`, 'anny', `mann@${DOMAIN}`]) expect(await search(query)).not.toContain(manny);
    const [found] = await fixture.backEnd.searchPeople({ readerId: reader, query: manny, limit: 1 });
    expect(found).toEqual({ user: manny, domain: DOMAIN, phones: [], inDirectory: false, isSimilar: false });
  });

  it('nobody hidden but by themselves, and nobody who is disabled', async () => {
    expect(await search('hidden')).toEqual([]);
    expect(await search('hidden', { readerId: await accountId('hidden') })).toEqual(['hidden']);
    expect(await search('off')).toEqual([]);
    for (const user of ['hidden', 'off']) {
      const address = { user, domain: DOMAIN };
      expect(await fixture.backEnd.findPerson({ readerId: reader, address })).toBeUndefined();
    }
  });

  it('at most as many as are asked for, and nobody for what has no words', async () => {
    expect(await search('an', { limit: 1 })).toEqual(['anna']);
    for (const query of ['', ' ', '...', "';--", '%', '_', '\\', ':*', '&', '\u{10ffff}', 'x'.repeat(200)])
      expect(await search(query), query).toEqual([]);
  });
});

it('a person has a manager, and a phone; an alias leads to them', async () => {
  const lock = await lockOf(fixture.backEnd);
  const phones = [{ type: 'work' as const, number: '+49 1' }];
  await run(lock, [person(3, 'ben', { displayName: 'Ben', managerDn: 'UID=P1,dc=example,dc=org', phones })]);
  await lock.release();
  const ben = { user: 'ben', domain: DOMAIN };
  await fixture.backEnd.addAlias({ account: ben, alias: { user: 'benny', domain: DOMAIN } });
  for (const user of ['ben', 'benny']) {
    expect(await fixture.backEnd.findPerson({ readerId: reader, address: { user, domain: DOMAIN } })).toEqual({
      ...ben,
      ...{ displayName: 'Ben', phones, manager: { user: 'anna', domain: DOMAIN }, inDirectory: true },
    });
  }
});

describe('what has changed', () => {
  const list = async (known?: Awaited<ReturnType<Fixture['backEnd']['listPeople']>>['known'], limit = 2) => {
    const request = { readerId: reader, limit, ...(known && { known }) };
    const { people, removed, ...rest } = await fixture.backEnd.listPeople(request);
    return { people: people.map(({ user }) => user), removed: removed.map(({ user }) => user), ...rest };
  };
  const all = async (known?: Parameters<typeof list>[0]) => {
    const told = { people: [] as string[], removed: [] as string[], full: false };
    for (let page = await list(known); ; page = await list(page.known)) {
      told.people.push(...page.people);
      told.removed.push(...page.removed);
      told.full ||= page.full;
      if (!page.more) return { ...told, known: page.known };
    }
  };

  it('is told in pages, from the beginning or since a version, with who has left and who is hidden now', async () => {
    const first = await all();
    expect({ ...first, people: first.people.toSorted(), known: 0 }).toEqual({
      ...{ people: ['anna', 'anna2', 'ben', 'chris', 'doe'], removed: [], full: true, known: 0 },
    });
    expect(await all(first.known)).toEqual({ people: [], removed: [], full: false, known: first.known });

    const lock = await lockOf(fixture.backEnd);
    await run(lock, [
      person(1, 'anna', { displayName: 'Anna Müller-Lee' }),
      person(2, 'annabel', PEOPLE[1]![1]),
      gone(4),
      person(5, 'doe', { ...PEOPLE[4]![1], hidden: true }),
      person(6, 'hidden', { displayName: 'Anna Hidden', hidden: true, title: 'Spy' }),
    ]);
    const second = await all(first.known);
    expect(second.full).toBe(false);
    expect(second.people).toEqual(expect.arrayContaining(['anna', 'annabel']));
    expect(second.removed.toSorted()).toEqual(['anna2', 'chris', 'doe']);

    await run(lock, [person(5, 'doe', PEOPLE[4]![1]), gone(6)]);
    await lock.release();
    expect(await all(second.known)).toMatchObject({ people: ['doe'], removed: [], full: false });
  });

  it('is told in full to who knows a version too old, or of another database', async () => {
    const { known } = await all();
    await fixture.database.query('update data.address_book set floor_version = version');
    expect(await all(known)).toMatchObject({ full: false, people: [] });
    for (const version of [known.version - 1, known.version + 1])
      expect(await all({ version })).toMatchObject({ full: true });
  });
});
