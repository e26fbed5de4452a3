import { setTimeout as sleep } from 'node:timers/promises';
import { type BackEnd, BackEndUnavailableError, type Notification, openBackEnd } from '@rollcall/back-end';
import { createTestDatabase, type TestDatabase } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Taking } from './taking.ts';
import { UnderWay } from './under-way.ts';

const DOMAIN = 'example.org';

let database: TestDatabase;
let backEnd: BackEnd;
beforeAll(async () => {
  database = await createTestDatabase();
  backEnd = await openBackEnd({ databaseUrl: database.url });
  await backEnd.createDomain(DOMAIN);
});
afterAll(async () => {
  await backEnd.close();
  await database.drop();
});

async function addAccount(user: string) {
  const added = await backEnd.addAccount({ user, domain: DOMAIN, ha1: { MD5: '01'.repeat(16) } });
  if (added.outcome !== 'added') throw new Error(added.outcome);
  return { user, domain: DOMAIN, accountId: added.accountId, credentialVersion: 1 };
}

it('tells everything again after a reply that was lost, and only changes of nothing that its watcher has', async () => {
  const [alice, bob] = [await addAccount('alice'), await addAccount('bob')];
  await backEnd.changeContacts({ ...alice, contacts: [{ user: 'bob', domain: DOMAIN }] });
  await backEnd.subscribe({
    ...{ actor: alice, target: { user: 'alice', domain: DOMAIN }, isList: true, event: 'presence', expires: 3600 },
    dialog: {
      ...{
        callId: 'call',
        remoteTag: 'theirs',
        localUri: 'sip:alice',
        remoteUri: 'sip:alice',
        localTarget: 'sip:pool',
      },
      ...{ remoteTarget: 'sip:alice@192.0.2.1', routeSet: [], remoteCseq: 1 },
    },
    place: { frontEndId: 1, transport: 'UDP', flow: 'flow', receivedFrom: '192.0.2.1:5060' },
  });
  let loseReply = false;
  let [asked, renotified] = [0, 0];
  const sent: Notification[] = [];
  const underWay = new UnderWay();
  const taking = new Taking({
    backEnd: {
      async takeNotifications(request) {
        asked += 1;
        const taken = await backEnd.takeNotifications(request);
        if (loseReply && taken.notifications.length > 0) {
          loseReply = false;
          throw new BackEndUnavailableError('the connection has ended');
        }
        return taken;
      },
      async renotify(request) {
        renotified += 1;
        // On its way: a change that comes meanwhile is not to overtake it.
        await sleep(200);
        await backEnd.renotify(request);
      },
    },
    ...{ frontEndId: () => 1, underWay, logOutage() {} },
    send(notification) {
      sent.push(notification);
      underWay.end(notification.subscriptionId);
    },
  });
  const says = async (note: string) => {
    await backEnd.setPresence({ ...bob, state: { open: true, note } });
    taking.add({ accountIds: [bob.accountId] });
  };
  taking.start();
  await expect.poll(() => sent.map(({ full }) => full)).toEqual([true]);
  loseReply = true;
  await says('lost');
  await expect.poll(() => renotified, { timeout: 5000 }).toBe(1);
  const before = asked;
  await says('behind');
  await expect.poll(() => sent.length, { timeout: 5000 }).toBeGreaterThan(1);
  expect(sent.slice(1)).toMatchObject([{ full: true, cseq: 3, resources: [{ state: { note: 'behind' } }] }]);
  expect(asked - before).toBeLessThan(10);
  await taking.stop();
});
