import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeContactsRequest } from '../../../packages/back-end/src/index.ts';
import { DOMAIN, type Fixture, NOON, openFixture, type TestAccount } from '../fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;

beforeAll(async () => {
  fixture = await openFixture();
});
beforeEach(async () => {
  alice = await fixture.addAccount('alice');
  bob = await fixture.addAccount('bob');
});
afterAll(() => fixture.close());

type Change = Omit<ChangeContactsRequest, 'accountId' | 'credentialVersion'>;
const change = (changes: Change, backEnd = fixture.backEnd) =>
  backEnd.changeContacts({ accountId: alice.accountId, credentialVersion: 1, now: NOON, ...changes });
const list = (since?: number) =>
  fixture.backEnd.findContacts({ accountId: alice.accountId, ...(since !== undefined && { since }) });
const of = ({ user, domain }: { user: string; domain: string }) => ({ user, domain });
const elsewhere = (n: number | string) => ({ user: `friend-${n}`, domain: 'elsewhere.example' });
const names = async () => (await list()).contacts.map(({ user }) => user);

describe('a contact list', () => {
  it('is empty at version 0', async () => {
    const nothing = { removed: true, groups: [], contacts: [], removedGroups: [], removedContacts: [] };
    expect(await list()).toEqual({ version: 0, full: true, ...nothing });
    expect(await list(0)).toEqual({ version: 0, full: false, ...nothing });
  });

  it('has what was put in, with groups by name or id', async () => {
    const groups = [{ name: 'Friends' }, { name: 'Work' }];
    const contacts = [
      { ...of(bob), displayName: 'Bob', note: 'Met in Rome', groups: ['Work', 'Friends'] },
      elsewhere(1),
    ];
    expect(await change({ groups, contacts })).toMatchObject({ outcome: 'changed', changed: true, version: 1 });
    expect(await list()).toEqual({
      ...{ version: 1, full: true, removed: false, removedGroups: [], removedContacts: [] },
      groups: [
        { id: 1, name: 'Friends', position: 0 },
        { id: 2, name: 'Work', position: 1 },
      ],
      contacts: [
        { ...of(bob), displayName: 'Bob', note: 'Met in Rome', position: 0, groups: [1, 2], inPool: true },
        { ...elsewhere(1), position: 1, groups: [], inPool: false },
      ],
    });
    await change({ contacts: [{ ...of(bob), groups: [2], note: null }] });
    expect((await list()).contacts[0]).toEqual({
      ...of(bob),
      ...{ displayName: 'Bob', position: 0, groups: [2], inPool: true },
    });
  });

  it('keeps its version when nothing changes', async () => {
    const changes = { groups: [{ name: 'Friends' }], contacts: [{ ...of(bob), groups: ['Friends'] }] };
    await change(changes);
    expect(await change(changes)).toEqual({ outcome: 'changed', changed: false, version: 1, noticed: [] });
    expect(await change({ ...changes, replace: true })).toMatchObject({ changed: false, version: 1 });
    expect(await change({ removedGroups: [7], removedContacts: [elsewhere(1)] })).toMatchObject({ changed: false });
  });

  it('takes a contact out of a group that goes', async () => {
    await change({ groups: [{ name: 'Friends' }, { name: 'Work' }] });
    await change({ contacts: [{ ...of(bob), groups: ['Friends', 'Work'] }] });
    await change({ removedGroups: [1] });
    const now = await list();
    expect(now.groups).toEqual([{ id: 2, name: 'Work', position: 1 }]);
    expect(now.contacts[0]!.groups).toEqual([2]);
    await change({ groups: [{ name: 'Friends' }] });
    expect((await list()).groups.map(({ id }) => id)).toEqual([2, 3]);
  });

  it('is replaced as a whole: groups keep their ids by name, the order is the one given', async () => {
    const groups = [{ name: 'Friends' }, { name: 'Work' }];
    await change({ groups, contacts: [{ ...of(bob), displayName: 'Bob', note: 'x' }, elsewhere(1), elsewhere(2)] });
    const contacts = [elsewhere(2), { ...of(bob), groups: ['Work'] }];
    await change({ replace: true, groups: [{ name: 'Work' }, { name: 'Family' }], contacts });
    expect(await list()).toMatchObject({
      groups: [
        { id: 2, name: 'Work' },
        { id: 3, name: 'Family' },
      ],
      contacts: [
        { ...elsewhere(2), position: 0 },
        { ...of(bob), position: 1, groups: [2] },
      ],
    });
    expect((await list()).contacts[1]).not.toHaveProperty('note');
  });
});

describe('a delta', () => {
  it('tells what has changed and what has gone', async () => {
    await change({ groups: [{ name: 'Friends' }], contacts: [of(bob), elsewhere(1), elsewhere(2)] });
    await change({ contacts: [{ ...of(bob), displayName: 'Bob' }] });
    await change({ removedContacts: [elsewhere(1)], removedGroups: [1] });
    expect(await list(1)).toEqual({
      ...{ version: 3, full: false, removed: false, groups: [], removedGroups: [1], removedContacts: [elsewhere(1)] },
      contacts: [{ ...of(bob), displayName: 'Bob', position: 0, groups: [], inPool: true }],
    });
    expect(await list(3)).toMatchObject({ full: false, contacts: [], removedContacts: [] });
    await change({ contacts: [elsewhere(1)] });
    expect(await list(3)).toMatchObject({ contacts: [{ ...elsewhere(1), position: 3 }], removedContacts: [] });
  });

  it('is everything for a version that never was', async () => {
    await change({ contacts: [of(bob)] });
    expect(await list(9)).toMatchObject({ full: true, contacts: [of(bob)] });
  });

  it('is everything after a thousand removals, which leave no rows behind', async () => {
    const many = (from: number) => Array.from({ length: 600 }, (_, n) => elsewhere(from + n));
    await change({ contacts: many(0), maximumContacts: 1000 });
    await change({ removedContacts: many(0) });
    expect((await list(0)).removedContacts).toHaveLength(600);
    await change({ contacts: many(600), maximumContacts: 1000 });
    await change({ removedContacts: many(600) });
    expect(await list(1)).toMatchObject({ full: true, removedContacts: [] });
    expect(await list(3)).toMatchObject({ full: false });
    expect((await list(3)).removedContacts).toHaveLength(600);
    const rows = await fixture.database.query(`select from data.contact where account_id = ${alice.accountId}`);
    expect(rows).toHaveLength(600);
  });
});

describe('a change is refused whole', () => {
  it('when the list has another version', async () => {
    await change({ contacts: [of(bob)] });
    expect(await change({ expectedVersion: 0, contacts: [elsewhere(1)] })).toEqual({ outcome: 'conflict', version: 1 });
    expect(await change({ expectedVersion: 1, contacts: [elsewhere(1)] })).toMatchObject({ version: 2 });
  });

  it('past the most contacts, but one that there is may be changed', async () => {
    const contacts = [1, 2, 3].map(elsewhere);
    expect(await change({ contacts, maximumContacts: 2 })).toEqual({ outcome: 'too_many_contacts' });
    expect(await list()).toMatchObject({ version: 0, contacts: [] });
    await change({ contacts, maximumContacts: 3 });
    expect(await change({ contacts: [elsewhere(4)], maximumContacts: 3 })).toEqual({ outcome: 'too_many_contacts' });
    const renamed = [{ ...elsewhere(1), displayName: 'One' }];
    expect(await change({ contacts: renamed, maximumContacts: 2 })).toMatchObject({ outcome: 'changed' });
  });

  it('past the most groups', async () => {
    const groups = Array.from({ length: 65 }, (_, n) => ({ name: `group ${n}` }));
    expect(await change({ groups })).toEqual({ outcome: 'too_many_groups' });
    expect(await change({ groups: groups.slice(1) })).toMatchObject({ outcome: 'changed' });
    expect(await change({ groups: [{ name: 'x' }] })).toEqual({ outcome: 'too_many_groups' });
  });

  it('when it names a group that there is not, or gives two one name', async () => {
    await change({ groups: [{ name: 'Friends' }, { name: 'Work' }] });
    const unknown = { outcome: 'group_unknown' };
    expect(await change({ contacts: [of(bob), { ...elsewhere(1), groups: ['Nobody'] }] })).toEqual(unknown);
    expect(await change({ contacts: [{ ...of(bob), groups: [3] }] })).toEqual(unknown);
    expect(await change({ groups: [{ id: 3, name: 'x' }] })).toEqual(unknown);
    expect(await change({ groups: [{ id: 1, name: 'Work' }] })).toEqual({ outcome: 'group_exists' });
    const swap = [
      { id: 1, name: 'Work' },
      { id: 2, name: 'Friends' },
    ];
    expect(await change({ groups: swap })).toMatchObject({ outcome: 'changed', version: 2 });
    expect(await names()).toEqual([]);
  });

  it('when the account has another password, is disabled, or gone', async () => {
    const refused = { outcome: 'credentials_changed' };
    await fixture.backEnd.setAccountEnabled({ ...alice, enabled: false });
    expect(await change({ contacts: [of(bob)] })).toEqual(refused);
    await fixture.backEnd.removeAccount(alice);
    expect(await change({ contacts: [of(bob)] })).toEqual(refused);
  });

  it('when a text is too long', async () => {
    await expect(change({ contacts: [{ ...of(bob), note: 'x'.repeat(1024) }] })).rejects.toThrow();
    await expect(change({ contacts: [{ ...of(bob), note: 'a\0b' }] })).rejects.toThrow('not text');
    await expect(change({ groups: [{ name: '' }] })).rejects.toThrow();
    expect((await list()).version).toBe(0);
  });
});

it('two clients that change the list at once both count, and one of two that expect a version', async () => {
  const both = [1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
    change({ contacts: [elsewhere(n), of(bob)] }, n % 2 ? fixture.backEnd : fixture.otherBackEnd),
  );
  const outcomes = await Promise.all(both);
  expect(outcomes.map((outcome) => (outcome.outcome === 'changed' ? outcome.version : 0)).toSorted()).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8,
  ]);
  expect(await names()).toHaveLength(9);
  const expecting = await Promise.all(
    [fixture.backEnd, fixture.otherBackEnd].map((backEnd, n) =>
      change({ expectedVersion: 8, removedContacts: [elsewhere(n + 1)] }, backEnd),
    ),
  );
  expect(expecting.map(({ outcome }) => outcome).toSorted()).toEqual(['changed', 'conflict']);
});

it('two accounts that add each other at once do not wait for each other for ever', async () => {
  const carol = await fixture.addAccount('carol');
  const adding = [alice, bob, carol].flatMap((owner, n) =>
    [1, 2, 3, 4, 5].map((round) =>
      [fixture.backEnd, fixture.otherBackEnd][n % 2]!.changeContacts({
        ...{ accountId: owner.accountId, credentialVersion: 1 },
        contacts: [alice, bob, carol].filter((one) => one !== owner).map((one) => ({ ...of(one), note: `${round}` })),
      }),
    ),
  );
  expect((await Promise.all(adding)).every(({ outcome }) => outcome === 'changed')).toBe(true);
});

it(`takes any address: ${DOMAIN} has user parts with "@"`, async () => {
  await change({ contacts: [{ user: 'odd@name', domain: DOMAIN }] });
  expect((await list()).contacts).toMatchObject([{ user: 'odd@name', domain: DOMAIN }]);
});
