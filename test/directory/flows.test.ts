import type { RunningFrontEnd } from '@rollcall/front-end';
import { ha1 } from '@rollcall/sip';
import { type SipAccount, type SipClient, startOpenLdap, type TestDirectory } from '@rollcall/test-kit';
import type { Client } from 'ldapts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPhone } from '../phones.ts';
import { type Watching, watch } from '../presence/watching.ts';
import { replaceAttribute } from './entries.ts';
import { DOMAIN } from './pool-database.ts';
import { type ReplicatorProcess, startReplicator } from './replicator-process.ts';
import { type SigningIn, startSigningIn } from './signing-in.ts';

/** Runs begin every second, one second more is allowed, and one for this machine. Front ends that nobody tells look every 10 s. */
const WITHIN_MS = 3000;

let directory: TestDirectory;
let admin: Client;
let signingIn: SigningIn;
let second: RunningFrontEnd;
let replica: ReplicatorProcess;
beforeAll(async () => {
  directory = await startOpenLdap({ users: 10 });
  admin = await directory.connect();
  signingIn = await startSigningIn(directory);
  second = await signingIn.pool.addFrontEnd();
  const { database } = signingIn;
  replica = await startReplicator({ database, directory, flags: ['--directory-schedule', '* * * * * *'] });
}, 60_000);
afterAll(async () => {
  await replica?.stop();
  await signingIn?.stop();
  await directory?.stop();
});

const dnOf = (user: string) => `uid=${user},${directory.users}`;
const modify = (user: string, type: string, ...values: string[]) =>
  replaceAttribute(admin, dnOf(user), type, ...values);

async function withPassword(user: string): Promise<SipAccount> {
  const account = { user, domain: DOMAIN, password: `password of ${user}` };
  const set = { ...account, ha1: { MD5: ha1('MD5', user, DOMAIN, account.password) } };
  await signingIn.pool.backEnd.setPassword(set);
  return account;
}

/** Somebody with a phone on each front end, and one who sees that. */
async function online(user: string, watcherName: string) {
  const account = await withPassword(user);
  const watcher = await openPhone(signingIn.pool, await withPassword(watcherName));
  const phones = [
    await openPhone(signingIn.pool, account),
    await openPhone(signingIn.pool, account, { frontEnd: second }),
  ];
  const watching = await watch(watcher, `sip:${user}@${DOMAIN}`);
  await watching.until(/<basic>open</);
  return { account, phones, watching };
}

async function sentAway(phones: readonly SipClient[], seen: () => Promise<unknown>, change: () => Promise<unknown>) {
  await change();
  const changed = performance.now();
  await Promise.all([...phones.map((phone) => phone.connection.ended), seen()]);
  expect(performance.now() - changed).toBeLessThan(WITHIN_MS);
}

const offline = (watching: Watching) => () => watching.until(/<basic>closed</);

it('who is disabled in the directory is sent away from every front end, and comes back when enabled again', async () => {
  const { account, phones, watching } = await online('u00001', 'u00002');
  await sentAway(phones, offline(watching), () => modify('u00001', 'pwdAccountLockedTime', '000001010000Z'));
  const phone = await signingIn.pool.client({ account, transport: 'TCP', frontEnd: second });
  expect((await phone.register({ contacts: [phone.contact()] })).status).toBeGreaterThanOrEqual(400);

  await modify('u00001', 'pwdAccountLockedTime');
  const again = async () => {
    const one = await signingIn.pool.client({ account, transport: 'TCP' });
    return (await one.register({ contacts: [one.contact()] })).status;
  };
  await expect.poll(again, { timeout: WITHIN_MS, interval: 200 }).toBe(200);
  await watching.until(/<basic>open</);
}, 30_000);

it('who is deleted there is sent away', async () => {
  const { phones, watching } = await online('u00003', 'u00004');
  await sentAway(phones, offline(watching), () => admin.del(dnOf('u00003')));
}, 30_000);

it('who gets another address is sent away, those who watched the old one are told, and the new one registers', async () => {
  const { phones, watching } = await online('u00005', 'u00006');
  // Nobody has the address that is watched any more.
  const told = async () =>
    expect((await watching.next()).header('Subscription-State')).toBe('terminated;reason=noresource');
  await sentAway(phones, told, () => modify('u00005', 'mail', `moved@${DOMAIN}`));
  await openPhone(signingIn.pool, await withPassword('moved'), { frontEnd: second });
}, 30_000);
