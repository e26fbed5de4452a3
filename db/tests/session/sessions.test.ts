import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, type Fixture, HA1, NOON, openFixture, type TestAccount } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const DAY = 86_400;
const hash = (byte: number) => Buffer.alloc(32, byte);
const FAMILY = hash(0xfa);

function open(account: TestAccount, changes: { credentialVersion?: number; maximum?: number; now?: Date } = {}) {
  const sessionId = randomUUID();
  const request = { accountId: account.accountId, credentialVersion: 1, sessionId, familyHash: FAMILY };
  const outcome = fixture.backEnd.openSession({
    ...{ ...request, secretHash: hash(1), lifetime: DAY, maximum: 8, now: NOON },
    ...changes,
  });
  return { sessionId, outcome };
}

async function opened(account: TestAccount, changes: Parameters<typeof open>[1] = {}): Promise<string> {
  const { sessionId, outcome } = open(account, changes);
  expect(await outcome).toEqual({ outcome: 'opened', role: 'user' });
  return sessionId;
}

const refresh = (account: TestAccount, sessionId: string, used: number, next: number, now = at(1), family = FAMILY) =>
  fixture.backEnd.refreshSession({
    ...{ accountId: account.accountId, sessionId, familyHash: family, now },
    ...{ secretHash: hash(used), newSecretHash: hash(next), lifetime: DAY },
  });

const holds = (account: TestAccount, sessionId: string, credentialVersion = 1, now = at(1)) =>
  fixture.backEnd.sessionHolds({ accountId: account.accountId, sessionId, credentialVersion, now });

describe('open_session', () => {
  it('opens one, and tells the role', async () => {
    const alice = await fixture.addAccount();
    expect(await holds(alice, await opened(alice))).toBe(true);
  });

  it('refuses credentials that are no longer the account’s, and a disabled account', async () => {
    const alice = await fixture.addAccount();
    expect(await open(alice, { credentialVersion: 2 }).outcome).toEqual({ outcome: 'credentials_changed' });
    expect(await open({ ...alice, accountId: 1_000_000 }).outcome).toEqual({ outcome: 'credentials_changed' });
    await fixture.backEnd.setAccountEnabled({ ...alice, enabled: false });
    expect(await open(alice, { credentialVersion: 2 }).outcome).toEqual({ outcome: 'account_disabled' });
  });

  it('keeps the sessions of an account that were refreshed last', async () => {
    const alice = await fixture.addAccount();
    const first = await opened(alice, { maximum: 2, now: at(0) });
    const second = await opened(alice, { maximum: 2, now: at(1) });
    await refresh(alice, first, 1, 2, at(2));
    const third = await opened(alice, { maximum: 2, now: at(3) });
    expect([await holds(alice, first), await holds(alice, second), await holds(alice, third)]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe('refresh_session', () => {
  it('takes each token once, and tells what the next access token says', async () => {
    const alice = await fixture.addAccount();
    const session = await opened(alice);
    const refreshed = {
      outcome: 'refreshed',
      user: alice.user,
      domain: alice.domain,
      role: 'user',
      credentialVersion: 1,
    };
    expect(await refresh(alice, session, 1, 2)).toEqual(refreshed);
    expect(await refresh(alice, session, 2, 3)).toEqual(refreshed);
  });

  it('closes the session when a token comes a second time, however old it is', async () => {
    const alice = await fixture.addAccount();
    const session = await opened(alice);
    await refresh(alice, session, 1, 2);
    await refresh(alice, session, 2, 3);
    expect(await refresh(alice, session, 1, 4)).toEqual({ outcome: 'reused' });
    expect(await refresh(alice, session, 3, 4)).toEqual({ outcome: 'session_unknown' });
    expect(await holds(alice, session)).toBe(false);
  });

  it('lets one of two that come at once through, and closes the session', async () => {
    const alice = await fixture.addAccount();
    const session = await opened(alice);
    const outcomes = await Promise.all([refresh(alice, session, 1, 2), refresh(alice, session, 1, 3)]);
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['refreshed', 'reused']);
    expect(await holds(alice, session)).toBe(false);
  });

  it('leaves a session alone whose name somebody knows without its token', async () => {
    const alice = await fixture.addAccount();
    const session = await opened(alice);
    expect(await refresh(alice, session, 9, 2, at(1), hash(9))).toEqual({ outcome: 'session_unknown' });
    expect(await holds(alice, session)).toBe(true);
  });

  it('ends at the second it expires, and each refresh puts that off', async () => {
    const alice = await fixture.addAccount();
    const session = await opened(alice);
    expect(await holds(alice, session, 1, at(DAY - 1))).toBe(true);
    expect(await holds(alice, session, 1, at(DAY))).toBe(false);
    expect((await refresh(alice, session, 1, 2, at(DAY - 1))).outcome).toBe('refreshed');
    expect(await holds(alice, session, 1, at(DAY))).toBe(true);
    expect((await refresh(alice, session, 2, 3, at(2 * DAY - 1))).outcome).toBe('session_unknown');
  });

  it('refuses after the password changed, the account was disabled, or is gone', async () => {
    const [alice, bob, carol] = [await fixture.addAccount(), await fixture.addAccount(), await fixture.addAccount()];
    const sessions = [await opened(alice), await opened(bob), await opened(carol)];
    await fixture.backEnd.setPassword({ ...alice, ha1: HA1 });
    await fixture.backEnd.setAccountEnabled({ ...bob, enabled: false });
    await fixture.backEnd.removeAccount(carol);
    for (const [index, account] of [alice, bob, carol].entries()) {
      expect(await refresh(account, sessions[index]!, 1, 2)).toEqual({ outcome: 'session_unknown' });
      expect(await holds(account, sessions[index]!)).toBe(false);
    }
  });
});

describe('close_session', () => {
  it('closes it once, and only it', async () => {
    const alice = await fixture.addAccount();
    const [one, other] = [await opened(alice), await opened(alice)];
    const close = () => fixture.backEnd.closeSession({ accountId: alice.accountId, sessionId: one });
    expect(await close()).toBe('closed');
    expect(await close()).toBe('session_unknown');
    expect([await holds(alice, one), await holds(alice, other)]).toEqual([false, true]);
  });
});

describe('remove_expired_sessions', () => {
  it('takes those out whose time has passed, a batch at a time', async () => {
    const alice = await fixture.addAccount();
    const long = { now: at(20 * DAY) };
    while ((await fixture.backEnd.removeExpiredSessions(long)).more);
    for (const now of [at(30 * DAY), at(30 * DAY), at(30.5 * DAY)]) await opened(alice, { now });
    const sweep = () => fixture.backEnd.removeExpiredSessions({ limit: 1, now: at(31 * DAY) });
    expect(await sweep()).toEqual({ sessions: 1, events: 0, more: true });
    expect(await sweep()).toEqual({ sessions: 1, events: 0, more: true });
    expect(await sweep()).toEqual({ sessions: 0, events: 0, more: false });
  });
});

it('stores no token, only hashes', async () => {
  const alice = await fixture.addAccount();
  const sessionId = await opened(alice);
  const [row] = await fixture.database.query<Record<string, unknown>>('select * from data.session where id = $1', [
    sessionId,
  ]);
  expect(row).toMatchObject({ family_hash: FAMILY, secret_hash: hash(1) });
});
