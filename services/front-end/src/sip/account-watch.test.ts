import { type BackEnd, type Bus, makeBus, openBackEnd, publishAccountChange } from '@rollcall/back-end';
import { createLog } from '@rollcall/process';
import type { Flow } from '@rollcall/sip';
import { createTestDatabase, type TestDatabase } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AccountWatch } from './account-watch.ts';
import { Associations } from './association.ts';
import { CredentialStore } from './credential-store.ts';

const HA1 = { MD5: '01'.repeat(16) };
const DOMAIN = 'example.org';

let database: TestDatabase;
let backEnd: BackEnd;
/** Of the process that changes accounts, and of the front end. */
let buses: Bus[];
let associations: Associations;
let credentials: CredentialStore;
let watch: AccountWatch;

beforeAll(async () => {
  database = await createTestDatabase();
  backEnd = await openBackEnd({ databaseUrl: database.url });
  await backEnd.createDomain(DOMAIN);
  buses = [makeBus({ databaseUrl: database.url }), makeBus({ databaseUrl: database.frontEndUrl })];
  for (const bus of buses) await bus.start();
  associations = new Associations();
  credentials = new CredentialStore();
  watch = new AccountWatch({
    ...{
      bus: buses[1]!,
      backEnd,
      associations,
      credentials,
      onEnded: () => {},
      beforeEnd: async () => {},
      pollMs: 300_000,
    },
    log: createLog({ level: 'silent' }),
  });
  watch.start();
});
afterAll(async () => {
  await watch.stop();
  for (const bus of buses) await bus.close();
  await backEnd.close();
  await database.drop();
});

function connection(): Flow & { closed: boolean } {
  const address = { address: '192.0.2.1', port: 5060 };
  const flow = {
    ...{ id: 'tcp:1', transport: 'TCP' as const, reliable: true, remote: address, local: address, closed: false },
    send: () => {},
    close: () => {
      flow.closed = true;
    },
  };
  return flow;
}

async function addAccount(user: string) {
  const added = await backEnd.addAccount({ user, domain: DOMAIN, ha1: HA1 });
  if (added.outcome !== 'added') throw new Error(added.outcome);
  return { user, domain: DOMAIN, accountId: added.accountId, credentialVersion: 1 };
}

async function disable(account: { user: string; domain: string }) {
  const { removed } = await backEnd.setAccountEnabled({ ...account, enabled: false });
  publishAccountChange(buses[0]!, account, removed);
}

it('ends a connection whose registration was on its way here while the account was disabled', async () => {
  const alice = await addAccount('alice');
  let heard = 0;
  buses[1]!.subscribe('account', () => {
    heard += 1;
  });
  await disable(alice);
  await expect.poll(() => heard).toBe(1);
  const flow = connection();
  associations.add(flow, `alice@${DOMAIN}`, alice);
  await expect.poll(() => flow.closed, { timeout: 1000 }).toBe(true);
});

it('ends every connection of an account, thousands of them, and none that has the new password', async () => {
  const bob = await addAccount('bob');
  const old = Array.from({ length: 2500 }, connection);
  for (const flow of old) associations.add(flow, `bob@${DOMAIN}`, bob);
  await backEnd.setPassword({ ...bob, ha1: { MD5: '02'.repeat(16) } });
  const fresh = connection();
  associations.add(fresh, `bob@${DOMAIN}`, { ...bob, credentialVersion: 2 });
  publishAccountChange(buses[0]!, bob);
  await expect.poll(() => old.every(({ closed }) => closed), { timeout: 1000 }).toBe(true);
  expect([fresh.closed, associations.ofAccount(`bob@${DOMAIN}`).length]).toEqual([false, 1]);
});

it('leaves connections alone when a message says what is not so', async () => {
  const carol = await addAccount('carol');
  const flow = connection();
  associations.add(flow, `carol@${DOMAIN}`, carol);
  publishAccountChange(buses[0]!, carol);
  publishAccountChange(buses[0]!, { user: 'nobody', domain: DOMAIN });
  const dave = await addAccount('dave');
  const other = connection();
  associations.add(other, `dave@${DOMAIN}`, dave);
  await disable(dave);
  await expect.poll(() => other.closed).toBe(true);
  expect(flow.closed).toBe(false);
});

it('forgets the credentials that were kept', async () => {
  const erin = await addAccount('erin');
  credentials.keep(`erin@${DOMAIN}`, { ...erin, algorithm: 'MD5', ha1: HA1.MD5 });
  publishAccountChange(buses[0]!, erin);
  await expect.poll(() => credentials.get(`erin@${DOMAIN}`)).toBeUndefined();
});
