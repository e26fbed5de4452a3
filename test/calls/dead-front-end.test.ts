import type { SipAccount, SipClient } from '@rollcall/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type FrontEndProcess, startFrontEndProcess } from '../front-end-processes.ts';
import { newInstance, openPhoneAt, SDP, sdp } from '../phones.ts';

let pool: FrontEndPool;
const processes: FrontEndProcess[] = [];
let clients: SipClient[] = [];
let made = 0;

beforeAll(async () => {
  // Its own front end only makes the accounts.
  pool = await startFrontEndPool();
});

/** Three that live. */
beforeEach(async () => {
  const options = { databaseUrl: pool.databaseUrl, domain: DOMAIN };
  const start = async (index: number) => {
    if (processes[index]?.child.signalCode !== null) processes[index] = await startFrontEndProcess(options);
  };
  await Promise.all([0, 1, 2].map(start));
});

afterEach(async () => {
  for (const client of clients) await client.close();
  clients = [];
});

afterAll(async () => {
  for (const one of processes) await one.kill();
  await pool?.stop();
});

async function phone(account: SipAccount, at: number, instance = newInstance()): Promise<SipClient> {
  const client = await openPhoneAt(processes[at]!.addresses.tcp, account, { instance });
  clients.push(client);
  return client;
}

/** Calls, until all of these phones ring. */
async function ring(caller: SipClient, callee: SipAccount, phones: readonly SipClient[]) {
  const started = Date.now();
  const outgoing = caller.invite(`sip:${callee.user}@${DOMAIN}`, { headers: [SDP], body: sdp() });
  const invites = await Promise.all(phones.map((one) => one.receive('INVITE')));
  return { outgoing, invites, ms: Date.now() - started };
}

describe.each([
  { how: 'was killed', signal: 'SIGKILL' },
  { how: 'hangs', signal: 'SIGSTOP' },
] as const)('when one of three front ends $how', ({ signal }) => {
  test('the phones on the others ring within a second', async () => {
    const [caller, callee] = [await pool.addAccount(`caller${++made}`), await pool.addAccount(`callee${made}`)];
    const alice = await phone(caller, 0);
    const [near, lost, far, alsoFar] = [
      await phone(callee, 0),
      await phone(callee, 1),
      await phone(callee, 2),
      await phone(callee, 2),
    ];
    expect(lost).toBeDefined();
    processes[1]!.child.kill(signal);
    if (signal === 'SIGKILL') await processes[1]!.kill();

    const { outgoing, invites, ms } = await ring(alice, callee, [near, far, alsoFar]);
    expect(ms).toBeLessThan(1000);

    // Nor does it spoil the answer: one declines, and that is what the caller hears.
    for (const [index, one] of [near, far, alsoFar].entries()) one.answer(invites[index]!, 486);
    expect((await outgoing.final(10_000)).status).toBe(486);
    await processes[1]!.kill();
  });
});

test('a call goes on when the front ends of both sides are killed and both have reconnected', async () => {
  const [caller, callee] = [await pool.addAccount(`caller${++made}`), await pool.addAccount(`callee${made}`)];
  const [aliceInstance, bobInstance] = [newInstance(), newInstance()];
  let alice = await phone(caller, 0, aliceInstance);
  let bob = await phone(callee, 1, bobInstance);
  const contacts = [alice.contact(`;+sip.instance="<${aliceInstance}>"`)];
  const outgoing = alice.invite(`sip:${callee.user}@${DOMAIN}`, { contacts, headers: [SDP], body: sdp() });
  const bobs = bob.accept(await bob.receive('INVITE'), { headers: [SDP], body: sdp() });
  const alices = await outgoing.answered();
  await bob.receive('ACK');

  await Promise.all([processes[0]!.kill(), processes[1]!.kill()]);
  alice = alices.client = await phone(caller, 2, aliceInstance);
  bob = bobs.client = await phone(callee, 2, bobInstance);

  const again = bobs.reinvite({ headers: [SDP], body: sdp(2) });
  const invite = await alice.receive('INVITE');
  alice.answer(invite, 200, { headers: [['Contact', alice.contact()], SDP], body: sdp(2) });
  expect((await again).status).toBe(200);
  await alice.receive('ACK');
  const ended = alices.exchange('BYE');
  bob.answer(await bob.receive('BYE'), 200);
  expect((await ended).status).toBe(200);
}, 30_000);
