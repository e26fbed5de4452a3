import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DirectoryLock } from '../../../packages/back-end/src/index.ts';
import { at, DOMAIN, type Fixture, HA1, NOON, openFixture, request } from '../fixture.ts';
import { entryId, gone, lockOf, person, run } from './directory-fixture.ts';

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

const signIn = (user: string, domain = DOMAIN) => fixture.backEnd.findSignIn({ user, domain });
const passwordsOf = async (user: string) => {
  const { ha1, appPasswords } = (await fixture.backEnd.findCredentials({ user, domain: DOMAIN }))!;
  return { ha1, appPasswords };
};
/** user part: whether it is enabled. */
const accounts = async () =>
  Object.fromEntries((await fixture.backEnd.listAccounts()).map(({ user, enabled }) => [user, enabled]));
const problems = async () =>
  (await fixture.backEnd.listDirectoryProblems()).map(({ dn, problem, address, keeps, detail }) => ({
    ...{ who: /p\d+/.exec(dn)![0], problem, address, detail },
    ...(keeps && { keeps }),
  }));
const registerAs = async (user: string) => {
  const { accountId, credentialVersion } = (await signIn(user))!;
  return fixture.backEnd.register({ ...request({ accountId }), account: { accountId, credentialVersion } });
};

describe('an entry', () => {
  it('becomes an account that signs in by bind, and has no password here', async () => {
    const made = await run(lock, [person(1, 'alice', { role: 'admin' }), person(2, 'bob', { enabled: false })]);
    expect(made).toMatchObject({ outcome: 'applied', counts: { entries: 2, added: 2, changed: 0 } });
    expect(await accounts()).toEqual({ alice: true, bob: false });
    expect(await signIn('alice')).toMatchObject({
      ...{ enabled: true, followsDirectory: true, signInName: 'uid=p1,dc=example,dc=org' },
    });
    expect(await passwordsOf('alice')).toEqual({ ha1: undefined, appPasswords: [] });
    expect((await fixture.backEnd.listAccounts({ user: 'alice' }))[0]).toMatchObject({ role: 'admin' });
  });

  it('changes nothing when it comes again', async () => {
    const entries = [person(1, 'alice', { displayName: 'Alice' }), person(2, 'bob')];
    await run(lock, entries);
    const before = await signIn('alice');
    expect(await run(lock, entries, { full: true })).toMatchObject({
      counts: { entries: 2, added: 0, changed: 0 },
      told: [],
    });
    expect(await signIn('alice')).toEqual(before);
  });

  it('is the same account when it is renamed: flows end, and what was set by hand stays', async () => {
    const { accountId } = await fixture.addAccount('watcher');
    await run(lock, [person(1, 'alice')]);
    const alice = (await signIn('alice'))!;
    await fixture.backEnd.setPassword({ user: 'alice', domain: DOMAIN, ha1: HA1 });
    expect((await registerAs('alice')).outcome).toBe('registered');
    const contacts = ['alice', 'ann'].map((user) => ({ user, domain: DOMAIN }));
    await fixture.backEnd.changeContacts({ accountId, credentialVersion: 1, contacts });

    const moved = await run(lock, [person(1, 'ann')]);
    expect(moved).toMatchObject({ told: [`alice@${DOMAIN}`, `ann@${DOMAIN}`], removed: [expect.any(Number)] });
    expect(await signIn('alice')).toBeUndefined();
    expect(await signIn('ann')).toMatchObject({ accountId: alice.accountId, credentialVersion: 3 });
    // HA1s hash the user name.
    expect(await passwordsOf('ann')).toEqual({ ha1: undefined, appPasswords: [] });
    expect(await fixture.backEnd.listEndpoints({ now: NOON })).toEqual([]);
    const linked = await fixture.database.query(
      'select address, contact_account_id::int as id from data.contact order by address',
    );
    expect(linked).toEqual([
      { address: `alice@${DOMAIN}`, id: null },
      { address: `ann@${DOMAIN}`, id: alice.accountId },
    ]);
  });

  it('takes an alias of its own account as its address', async () => {
    await run(lock, [person(1, 'alice')]);
    await fixture.backEnd.addAlias({
      account: { user: 'alice', domain: DOMAIN },
      alias: { user: 'ann', domain: DOMAIN },
    });
    await run(lock, [person(1, 'ann')]);
    expect(await accounts()).toEqual({ ann: true });
    expect(await fixture.backEnd.listAliases({ user: 'ann', domain: DOMAIN })).toEqual([]);
  });

  it('ends flows when its role or its password changes, and not otherwise', async () => {
    const first = { passwordChangedAt: NOON };
    await run(lock, [person(1, 'alice', first)]);
    expect(await run(lock, [person(1, 'alice', { ...first, title: 'Director' })])).toMatchObject({ told: [] });
    expect((await signIn('alice'))!.credentialVersion).toBe(1);
    expect((await run(lock, [person(1, 'alice', { passwordChangedAt: at(1) })])).told).toEqual([`alice@${DOMAIN}`]);
    expect((await run(lock, [person(1, 'alice', { passwordChangedAt: at(1), role: 'admin' })])).told).toEqual([
      `alice@${DOMAIN}`,
    ]);
    expect((await signIn('alice'))!.credentialVersion).toBe(3);
  });

  it('that cannot be stored keeps nobody else out', async () => {
    const bad = [
      person(1, 'a'.repeat(256)),
      person(2, 'nul\0'),
      person(3, 'half', { displayName: '\ud800' }),
      person(4, ''),
    ];
    const made = await run(lock, [...bad, person(5, 'eve', { domain: 'Example.org' }), person(6, 'fine')]);
    expect(made).toMatchObject({ counts: { added: 1 } });
    expect((await problems()).map(({ who, problem }) => [who, problem])).toEqual(
      ['p1', 'p2', 'p3', 'p4', 'p5'].map((who) => [who, 'malformed']),
    );
  });

  it('keeps its account while it has no address that can be read', async () => {
    await run(lock, [person(1, 'alice')]);
    const dn = 'uid=p1,dc=example,dc=org';
    const id = entryId(1);
    await run(lock, [{ kind: 'skipped', id, dn, reason: 'no_address', detail: 'no mail' }]);
    expect(await accounts()).toEqual({ alice: true });
    expect(await problems()).toEqual([
      { who: 'p1', problem: 'no_address', address: undefined, keeps: `alice@${DOMAIN}`, detail: 'no mail' },
    ]);
    await run(lock, [{ kind: 'skipped', id, dn, reason: 'excluded' }]);
    expect(await accounts()).toEqual({ alice: false });
    await run(lock, [person(1, 'alice')]);
    expect(await accounts()).toEqual({ alice: true });
    expect(await problems()).toEqual([]);
  });
});

describe('an account whose entry is disabled', () => {
  it('loses its flows, and comes back with it', async () => {
    await run(lock, [person(1, 'alice'), person(2, 'bob')]);
    await registerAs('alice');
    const off = await run(lock, [person(1, 'alice', { enabled: false })]);
    expect(off).toMatchObject({ counts: { disabled: 1 }, told: [`alice@${DOMAIN}`], removed: [expect.any(Number)] });
    expect((await registerAs('alice')).outcome).not.toBe('registered');
    expect((await run(lock, [person(1, 'alice')])).told).toEqual([`alice@${DOMAIN}`]);
    expect((await registerAs('alice')).outcome).toBe('registered');
  });

  it('is not enabled by hand; what is disabled by hand stays so until the directory changes its mind', async () => {
    const alice = { user: 'alice', domain: DOMAIN };
    await run(lock, [person(1, 'alice', { enabled: false })]);
    expect(await fixture.backEnd.setAccountEnabled({ ...alice, enabled: true })).toMatchObject({
      outcome: 'disabled_by_directory',
    });
    await run(lock, [person(1, 'alice')]);
    await fixture.backEnd.setAccountEnabled({ ...alice, enabled: false });
    await run(lock, [person(1, 'alice', { title: 'Director' })], { full: true });
    expect(await accounts()).toEqual({ alice: false });
    await run(lock, [person(1, 'alice', { enabled: false })]);
    await run(lock, [person(1, 'alice')]);
    expect(await accounts()).toEqual({ alice: true });
  });
});

describe('an account whose entry is gone', () => {
  it('is disabled, comes back with it, and is removed after the grace', async () => {
    await run(lock, [person(1, 'alice'), person(2, 'bob')]);
    const { accountId } = (await signIn('alice'))!;
    expect(await run(lock, [gone(1)])).toMatchObject({
      counts: { removed: 1, disabled: 1 },
      told: [`alice@${DOMAIN}`],
    });
    expect(await accounts()).toEqual({ alice: false, bob: true });
    await run(lock, [person(1, 'alice')]);
    expect(await signIn('alice')).toMatchObject({ accountId, enabled: true });

    await run(lock, [gone(1)]);
    const graceDays = 30;
    expect(await lock.removeGoneAccounts({ graceDays, now: at(30 * 86_400 - 1) })).toMatchObject({ removed: 0 });
    const removed = await lock.removeGoneAccounts({ graceDays, now: at(30 * 86_400) });
    expect(removed).toMatchObject({ removed: 1, changes: { accounts: [{ user: 'alice', domain: DOMAIN }] } });
    expect(await accounts()).toEqual({ bob: true });
    await run(lock, [person(1, 'alice')]);
    expect(await accounts()).toEqual({ alice: true, bob: true });
  });

  it('is found by a full run that does not list it', async () => {
    await run(lock, [person(1, 'alice'), person(2, 'bob')]);
    await run(lock, [person(2, 'bob')], { full: false });
    expect(await accounts()).toEqual({ alice: true, bob: true });
    await run(lock, [person(2, 'bob')], { full: true });
    expect(await accounts()).toEqual({ alice: false, bob: true });
  });

  it('is removed by hand only then', async () => {
    const alice = { user: 'alice', domain: DOMAIN };
    await run(lock, [person(1, 'alice')]);
    expect(await fixture.backEnd.removeAccount(alice)).toMatchObject({ outcome: 'follows_directory' });
    await run(lock, [gone(1)]);
    expect(await fixture.backEnd.removeAccount(alice)).toMatchObject({ outcome: 'removed' });
    expect(await accounts()).toEqual({});
  });
});
