import { BlockList } from 'node:net';
import type { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';

let pool: FrontEndPool;
let alice: SipClient;
let made = 0;

beforeAll(async () => {
  // What comes back from its own port is trusted, so that nothing but the loop detection ends a loop.
  const trustedNetworks = new BlockList();
  trustedNetworks.addSubnet('127.0.0.0', 8);
  pool = await startFrontEndPool({ trustedNetworks });
  alice = await openPhone(pool, await pool.addAccount('alice'));
});

afterAll(async () => {
  await pool?.stop();
});

async function forwardingAccounts(count: number): Promise<string[]> {
  const users = Array.from({ length: count }, () => `forwards${++made}`);
  for (const user of users) await pool.addAccount(user);
  return users;
}

/** Registers, as the phone of `user`, the addresses of others at the server itself. */
async function forward(user: string, targets: readonly string[]): Promise<void> {
  const account = { user, domain: DOMAIN, password: `password of ${user}` };
  const client = await pool.client({ account, transport: 'UDP' });
  const contacts = targets.map((target) => `<sip:${target}@${pool.frontEnd.addresses.udp}>`);
  expect((await client.register({ contacts })).status).toBe(200);
}

const requests = () => pool.metric('rollcall_sip_requests_received_total{method="INVITE",transport="UDP"}');

test('a spiral ends where it leads to: a phone behind two accounts that forward', async () => {
  const [first, second] = (await forwardingAccounts(2)) as [string, string];
  const bob = await pool.addAccount(`bob${++made}`);
  const phone = await openPhone(pool, bob);
  await forward(first, [second]);
  await forward(second, [bob.user]);
  const outgoing = alice.invite(`sip:${first}@${DOMAIN}`);
  const invite = await phone.receive('INVITE');
  expect(invite.headers('Via').length).toBe(4);
  expect(invite.header('Max-Forwards')).toBe('67');
  phone.accept(invite);
  await outgoing.answered();
});

describe('a loop', () => {
  test('of an account that forwards to itself is told 482 when it comes round', async () => {
    const [user] = (await forwardingAccounts(1)) as [string];
    await forward(user, [user]);
    const before = await requests();
    expect((await alice.invite(`sip:${user}@${DOMAIN}`).final()).status).toBe(482);
    expect((await requests()) - before).toBe(2);
  });

  test('of two accounts that forward to each other is told 482', async () => {
    const [one, other] = (await forwardingAccounts(2)) as [string, string];
    await forward(one, [other]);
    await forward(other, [one]);
    const before = await requests();
    expect((await alice.invite(`sip:${one}@${DOMAIN}`).final()).status).toBe(482);
    expect((await requests()) - before).toBe(3);
  });

  test('of messages ends too, and the message is kept or refused', async () => {
    const [one, other] = (await forwardingAccounts(2)) as [string, string];
    await forward(one, [other]);
    await forward(other, [one]);
    expect([202, 482]).toContain((await alice.message(`sip:${one}@${DOMAIN}`, 'hello')).status);
  });

  test('of many accounts that each forward to all the others (RFC 5393 §3) ends, and multiplies no further than it can', async () => {
    const users = await forwardingAccounts(4);
    for (const user of users) await forward(user, users);
    const before = await requests();
    const { status } = await alice.invite(`sip:${users[0]}@${DOMAIN}`).final(20_000);
    expect([440, 480, 482]).toContain(status);
    // Without the detection: 4 to the power of 69.
    const came = (await requests()) - before;
    expect(came).toBeGreaterThan(4);
    expect(came).toBeLessThan(200);
  }, 30_000);
});
