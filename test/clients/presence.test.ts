import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipAccount } from '@rollcall/test-kit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type CallingBaresip, startCallingBaresip } from './calling-baresip.ts';
import { type Linphone, startLinphone } from './linphone.ts';

let pool: FrontEndPool;
let second: RunningFrontEnd;
let folder: string;
let running: { kill(): Promise<void> }[] = [];
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-presence-'));
  pool = await startFrontEndPool();
  second = await pool.addFrontEnd();
});

afterEach(async () => {
  for (const one of running) await one.kill();
  running = [];
});

afterAll(async () => {
  await pool?.stop();
  await rm(folder, { recursive: true, force: true });
});

type Way = 'udp' | 'tcp';

async function pair() {
  made += 1;
  return { alice: await pool.addAccount(`alice${made}`), bob: await pool.addAccount(`bob${made}`) };
}

/** baresip at the first front end, which publishes, and watches `friend` if any. */
async function baresip(account: SipAccount, way: Way, friend?: SipAccount): Promise<CallingBaresip> {
  const outbound = `outbound="sip:${pool.frontEnd.addresses[way]};transport=${way}"`;
  const login = `auth_user=${account.user};auth_pass="${account.password}";regint=600;pubint=600`;
  const phone = await startCallingBaresip({
    folder,
    account: `<sip:${account.user}@${DOMAIN};transport=${way}>;${outbound};${login}`,
    config: ['module_app presence.so'],
    ...(friend && { contact: `"Friend" <sip:${friend.user}@${DOMAIN}>;presence=p2p` }),
  });
  running.push(phone);
  await phone.says(/200 OK \(Rollcall\)/);
  return phone;
}

/** linphone at the second front end. */
async function linphone(account: SipAccount, transport: Way, friend?: SipAccount): Promise<Linphone> {
  const friends = friend ? [`${friend.user}@${DOMAIN}`] : [];
  const phone = await startLinphone({ folder, account, transport, server: second.addresses[transport], friends });
  running.push(phone);
  return phone;
}

/** linphone's words. */
const OPEN = /^(?:open|online)$/;
const CLOSED = /^(?:closed|offline)$/;

const shown = (phone: CallingBaresip) => phone.show('contacts');
const latest = (phone: Linphone, { user }: SipAccount) => phone.seen(`${user}@${DOMAIN}`).at(-1) ?? '';
const wait = { timeout: 10_000, interval: 100 };

test.each(['udp', 'tcp'] as const)(
  'linphone watches baresip at another front end (%s): online, offline by its command, online again, and gone',
  async (way) => {
    const { alice, bob } = await pair();
    const watching = await linphone(bob, way, alice);
    const watched = await baresip(alice, way);
    await expect.poll(() => latest(watching, alice), wait).toMatch(OPEN);
    watched.command('presence_offline');
    await expect.poll(() => latest(watching, alice), wait).toMatch(CLOSED);
    watched.command('presence_online');
    await expect.poll(() => latest(watching, alice), wait).toMatch(OPEN);
    await watched.quit();
    await expect.poll(() => latest(watching, alice), wait).toMatch(CLOSED);
    // The pool has answered for it.
    expect(watched.output()).not.toContain('SUBSCRIBE sip:');
  },
  60_000,
);

test.each(['udp', 'tcp'] as const)(
  'baresip watches linphone at another front end (%s): online, and offline when it has quit',
  async (way) => {
    const { alice, bob } = await pair();
    const watching = await baresip(bob, way, alice);
    await expect.poll(() => shown(watching), wait).toContain('Offline');
    const watched = await linphone(alice, way);
    await expect.poll(() => shown(watching), wait).toContain('Online');
    // It is online with its registration; what it publishes right after it can take back only when that was answered.
    await expect.poll(() => watched.output(), wait).toContain('SIP-ETag');
    await watched.quit();
    await expect.poll(() => shown(watching), wait).toContain('Offline');
  },
  60_000,
);

test('linphone and baresip show that somebody is on the phone', async () => {
  const { alice, bob } = await pair();
  const carol = await pool.addAccount(`carol${made}`);
  const [one, other] = [await linphone(bob, 'tcp', alice), await baresip(carol, 'tcp', alice)];
  const publishing = await pool.client({ account: alice, transport: 'TCP' });
  const { status } = await publishing.send({
    ...{ method: 'PUBLISH', uri: `sip:${alice.user}@${DOMAIN}`, expires: 600 },
    headers: [
      ['Event', 'presence'],
      ['Content-Type', 'application/pidf+xml'],
    ],
    body:
      '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"' +
      ` xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:${alice.user}@${DOMAIN}">` +
      '<tuple id="a"><status><basic>open</basic></status></tuple>' +
      '<dm:person id="b"><r:activities><r:on-the-phone/></r:activities></dm:person></presence>',
  });
  expect(status).toBe(200);
  await expect.poll(() => latest(one, alice), wait).toMatch(/^(?:on-the-phone|busy)$/);
  await expect.poll(() => shown(other), wait).toContain('Busy');
}, 40_000);
