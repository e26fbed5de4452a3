/** Contacts and the accounts that they are about: who comes, who goes, and who is told. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DOMAIN, type Fixture, HA1, NOON, openFixture, type TestAccount } from '../fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;
let newcomers = 0;

beforeAll(async () => {
  fixture = await openFixture();
});
beforeEach(async () => {
  alice = await fixture.addAccount('alice');
  bob = await fixture.addAccount('bob');
});
afterAll(() => fixture.close());

type Address = { user: string; domain: string };
const of = ({ user, domain }: Address): Address => ({ user, domain });
const newcomer = (): Address => ({ user: `newcomer-${++newcomers}`, domain: DOMAIN });
const owner = () => ({ accountId: alice.accountId, credentialVersion: 1 });
const add = (...contacts: Address[]) =>
  fixture.backEnd.changeContacts({ ...owner(), contacts: contacts.map(of), now: NOON });
const remove = (...contacts: Address[]) =>
  fixture.backEnd.changeContacts({ ...owner(), removedContacts: contacts.map(of) });
const inPool = async () =>
  (await fixture.backEnd.findContacts({ accountId: alice.accountId })).contacts.map((contact) => contact.inPool);
const notices = ({ accountId }: TestAccount) => fixture.backEnd.findNotices(accountId);

describe('a contact is in the pool', () => {
  it('from when its account is added, until it is removed', async () => {
    const carol = newcomer();
    await add(carol);
    expect(await inPool()).toEqual([false]);
    await fixture.backEnd.addAccount({ ...carol, ha1: HA1 });
    expect(await inPool()).toEqual([true]);
    await fixture.backEnd.removeAccount(carol);
    expect(await inPool()).toEqual([false]);
    await fixture.backEnd.importAccounts([{ ...carol, ha1: HA1 }]);
    expect(await inPool()).toEqual([true]);
  });

  it('by an alias too', async () => {
    const sales = newcomer();
    await add(sales);
    await fixture.backEnd.addAlias({ account: bob, alias: sales });
    expect(await inPool()).toEqual([true]);
    await fixture.backEnd.removeAlias({ account: bob, alias: sales });
    expect(await inPool()).toEqual([false]);
    await fixture.backEnd.addAlias({ account: bob, alias: sales });
    await fixture.backEnd.removeAccount(bob);
    expect(await inPool()).toEqual([false]);
  });

  it('whichever comes first, the contact or the account, and when both come at once', async () => {
    for (let round = 0; round < 20; round++) {
      const carol = newcomer();
      await Promise.all([
        add(carol),
        round % 2
          ? fixture.otherBackEnd.addAccount({ ...carol, ha1: HA1 })
          : fixture.otherBackEnd.importAccounts([{ ...carol, ha1: HA1 }]),
      ]);
    }
    expect(await inPool()).toEqual(Array(20).fill(true));
  });

  it('never of an account that is gone', async () => {
    for (let round = 0; round < 20; round++) {
      const carol = await fixture.addAccount('carol');
      await Promise.all([add(carol), fixture.otherBackEnd.removeAccount(carol)]);
    }
    const dangling = await fixture.database.query(`
      select address from data.contact c
      where contact_account_id is not null and not exists (select from data.account a where a.id = c.contact_account_id)`);
    expect(dangling).toEqual([]);
  });
});

describe('"alice added you"', () => {
  const told = () => [{ id: expect.any(Number), ...of(alice), occurredAt: NOON }];

  it('waits for whom she added, until it is acknowledged', async () => {
    expect(await add(bob)).toMatchObject({ noticed: [bob.accountId] });
    expect(await notices(bob)).toEqual(told());
    expect(await notices(alice)).toEqual([]);
    const [{ id } = { id: 0 }] = await notices(bob);
    const acknowledge = (account: TestAccount) =>
      fixture.backEnd.acknowledgeNotice({ accountId: account.accountId, credentialVersion: 1, id });
    expect(await acknowledge(alice)).toBe('notice_unknown');
    expect(await acknowledge(bob)).toBe('acknowledged');
    expect(await acknowledge(bob)).toBe('notice_unknown');
    expect(await notices(bob)).toEqual([]);
  });

  it('is said once, however often she removes and adds him', async () => {
    await add(bob);
    await fixture.backEnd.acknowledgeNotice({
      ...{ accountId: bob.accountId, credentialVersion: 1 },
      id: (await notices(bob))[0]!.id,
    });
    await remove(bob);
    expect(await add(bob)).toMatchObject({ noticed: [] });
    expect(await notices(bob)).toEqual([]);
  });

  it('is not said to herself, nor to who has blocked her', async () => {
    const subject = { scope: 'user' as const, ...of(alice) };
    await fixture.backEnd.setAccessRule({ account: bob, subject, level: 'blocked' });
    expect(await add(bob, alice)).toMatchObject({ noticed: [] });
  });

  it('is not said of a change that is refused', async () => {
    await fixture.backEnd.changeContacts({ ...owner(), contacts: [of(bob)], maximumContacts: 0 });
    expect(await notices(bob)).toEqual([]);
  });
});

it('an account goes with all its contacts, groups and notices', async () => {
  await fixture.backEnd.changeContacts({ ...owner(), contacts: [of(bob)], groups: [{ name: 'Friends' }] });
  await fixture.backEnd.changeContacts({ accountId: bob.accountId, credentialVersion: 1, contacts: [of(alice)] });
  await fixture.backEnd.removeAccount(alice);
  for (const table of ['contact_list', 'contact_group', 'contact', 'contact_notice']) {
    const rows = await fixture.database.query(`select from data.${table} where account_id = ${alice.accountId}`);
    expect(rows, table).toEqual([]);
  }
});
