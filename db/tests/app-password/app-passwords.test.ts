import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  at,
  type Fixture,
  HA1,
  NOON,
  openFixture,
  presentedRequest,
  proof,
  request,
  type TestAccount,
} from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const ha1s = (byte: number) => {
  const digits = byte.toString(16).padStart(2, '0');
  return { MD5: digits.repeat(16), 'SHA-256': digits.repeat(32), 'SHA-512-256': digits.repeat(32) };
};

async function openSession({ accountId }: TestAccount) {
  const session = { accountId, sessionId: randomUUID(), credentialVersion: 1 };
  const hashes = { familyHash: Buffer.alloc(32, 1), secretHash: Buffer.alloc(32, 2) };
  expect(await fixture.backEnd.openSession({ ...session, ...hashes, lifetime: 3600, maximum: 8, now: NOON })).toEqual({
    outcome: 'opened',
    role: 'user',
  });
  return session;
}

const add = async ({ accountId }: TestAccount, byte: number, name = `phone ${byte}`) => {
  const added = await fixture.backEnd.addAppPassword({ accountId, name, ha1: ha1s(byte), now: NOON });
  if (added.outcome !== 'added') throw new Error(added.outcome);
  return added.id;
};

const register = async (account: TestAccount, ha1: string, cseq = 1, algorithm: 'MD5' | 'SHA-256' = 'MD5') => {
  const presented = presentedRequest(proof(account, ha1, { algorithm }), { cseq, callId: randomUUID() });
  const outcome = await fixture.backEnd.register(presented);
  return outcome.outcome === 'registered' ? outcome.proven : outcome.outcome;
};

it('registers with each password of the account, and says which one was right', async () => {
  const alice = await fixture.addAccount('alice');
  for (const byte of [0x10, 0x11, 0x12]) await add(alice, byte);
  const { accountId } = alice;
  for (const ha1 of [HA1.MD5, ...[0x12, 0x10, 0x11].map((byte) => ha1s(byte).MD5)]) {
    expect(await register(alice, ha1)).toEqual({ accountId, credentialVersion: 1, ha1 });
  }
  const sha256 = ha1s(0x11)['SHA-256'];
  expect(await register(alice, sha256, 1, 'SHA-256')).toEqual({ accountId, credentialVersion: 1, ha1: sha256 });
  expect(await register(alice, ha1s(0x13).MD5)).toBe('wrong_credentials');
});

it('takes right and wrong ones of accounts with many and with one password in one batch', async () => {
  const accounts = await Promise.all(Array.from({ length: 9 }, () => fixture.addAccount('user')));
  for (const [index, account] of accounts.entries()) {
    for (let byte = 0; byte < index % 3; byte++) await add(account, 0x20 + byte);
  }
  const proven = await Promise.all(
    accounts.map((account, index) => register(account, index % 3 === 2 ? ha1s(0x21).MD5 : HA1.MD5)),
  );
  expect(proven.map((one) => (typeof one === 'object' ? one.accountId : one))).toEqual(
    accounts.map(({ accountId }) => accountId),
  );
  const wrong = await Promise.all(accounts.map((account) => register(account, ha1s(0x7f).MD5)));
  expect(new Set(wrong)).toEqual(new Set(['wrong_credentials']));
});

it('finds them all; an account without a password of its own is found, and registers with an app password alone', async () => {
  const bob = await fixture.addAccount('bob');
  await fixture.database.query(`delete from data.credential where account_id = ${bob.accountId}`);
  const account = { accountId: bob.accountId, enabled: true, credentialVersion: 1 };
  expect(await fixture.backEnd.findCredentials(bob)).toEqual({ ...account, appPasswords: [] });
  expect(await register(bob, HA1.MD5)).toBe('wrong_credentials');
  await add(bob, 0x30);
  expect(await fixture.backEnd.findCredentials(bob)).toEqual({ ...account, appPasswords: [ha1s(0x30)] });
  expect(await register(bob, ha1s(0x30).MD5)).toMatchObject({ accountId: bob.accountId });
  await fixture.backEnd.setAccountEnabled({ ...bob, enabled: false });
  expect(await register(bob, ha1s(0x30).MD5)).toBe('wrong_credentials');
});

it('lists them with their names and never shows what they are', async () => {
  const carol = await fixture.addAccount('carol');
  const ids = [await add(carol, 0x40, 'Desk phone'), await add(carol, 0x41, 'Mobile')];
  expect(await fixture.backEnd.listAppPasswords(carol.accountId)).toEqual([
    { id: ids[0], name: 'Desk phone', createdAt: NOON },
    { id: ids[1], name: 'Mobile', createdAt: NOON },
  ]);
});

it('has at most as many as it may, also when two are made at once', async () => {
  const dave = await fixture.addAccount('dave');
  const asked = (byte: number) => ({ accountId: dave.accountId, name: 'x', ha1: ha1s(byte), maximum: 3 });
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      (index % 2 ? fixture.backEnd : fixture.otherBackEnd).addAppPassword(asked(index)),
    ),
  );
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([
    ...Array.from({ length: 3 }, () => 'added'),
    ...Array.from({ length: 5 }, () => 'too_many'),
  ]);
});

it('ends what any password proved when one is removed; sessions go on with tokens of the new version', async () => {
  const erin = await fixture.addAccount('erin');
  const id = await add(erin, 0x50);
  const session = await openSession(erin);
  expect(await register(erin, ha1s(0x50).MD5)).toMatchObject({ credentialVersion: 1 });
  expect(await fixture.backEnd.removeAppPassword({ ...session, id, now: at(1) })).toBe('removed');

  const flow = { accountId: erin.accountId, credentialVersion: 1 };
  expect(await fixture.backEnd.findChangedAccounts([flow])).toEqual([flow]);
  expect((await fixture.backEnd.register(request(erin, { cseq: 2 }))).outcome).toBe('credentials_changed');
  expect(await register(erin, ha1s(0x50).MD5)).toBe('wrong_credentials');
  expect(await register(erin, HA1.MD5)).toMatchObject({ credentialVersion: 2 });
  const holds = (credentialVersion: number) =>
    fixture.backEnd.sessionHolds({ ...session, credentialVersion, now: at(2) });
  expect([await holds(1), await holds(2)]).toEqual([false, true]);
  expect(await fixture.backEnd.removeAppPassword({ ...session, credentialVersion: 2, id, now: at(2) })).toBe(
    'app_password_unknown',
  );
});

it('removes none of another account, and never the password of its own', async () => {
  const [frank, grace] = [await fixture.addAccount('frank'), await fixture.addAccount('grace')];
  const id = await add(frank, 0x60);
  for (const unknown of [id, 0]) {
    const removed = fixture.backEnd.removeAppPassword({ accountId: grace.accountId, id: unknown });
    expect(await removed).toBe('app_password_unknown');
  }
  expect(await fixture.backEnd.findCredentials(frank)).toMatchObject({ appPasswords: [ha1s(0x60)] });
  expect(await fixture.backEnd.findCredentials(grace)).toMatchObject({ ha1: HA1 });
});

it('needs a session that holds, or an administrator', async () => {
  const heidi = await fixture.addAccount('heidi');
  const session = await openSession(heidi);
  const ask = (changes: object) =>
    fixture.backEnd.addAppPassword({ ...session, name: 'x', ha1: ha1s(1), now: at(1), ...changes });
  expect(await ask({ sessionId: randomUUID() })).toEqual({ outcome: 'session_closed' });
  expect(await ask({ credentialVersion: 2 })).toEqual({ outcome: 'session_closed' });
  expect(await ask({ now: at(3600) })).toEqual({ outcome: 'session_closed' });
  expect(await ask({})).toMatchObject({ outcome: 'added' });
  const nobody = { accountId: 1_000_000, name: 'x', ha1: ha1s(1) };
  expect(await fixture.backEnd.addAppPassword(nobody)).toEqual({ outcome: 'account_unknown' });
});

it('stay when the password changes', async () => {
  const ivan = await fixture.addAccount('ivan');
  await add(ivan, 0x70);
  await fixture.backEnd.setPassword({ ...ivan, ha1: ha1s(0x71) });
  expect(await register(ivan, ha1s(0x70).MD5)).toMatchObject({ credentialVersion: 2 });
  expect(await register(ivan, ha1s(0x71).MD5)).toMatchObject({ credentialVersion: 2 });
  expect(await register(ivan, HA1.MD5)).toBe('wrong_credentials');
});
