import { BlockList } from 'node:net';
import { type SipAccount, SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { residentBytes } from '../../bench/measure/cpu.ts';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type FrontEndProcess, startFrontEndProcess } from '../front-end-processes.ts';
import { newInstance, openPhone, registerPhone } from '../phones.ts';

let pool: FrontEndPool;
let made = 0;

beforeAll(async () => {
  // What the pool sends to itself is let in, so that only the proxy's own care ends it.
  const trustedNetworks = new BlockList();
  trustedNetworks.addSubnet('127.0.0.0', 8);
  pool = await startFrontEndPool({ trustedNetworks });
});

afterAll(async () => {
  await pool?.stop();
});

/** Somebody whose Contacts are other addresses of the pool. */
async function diverted(name: string, ...to: string[]): Promise<string> {
  const client = await pool.client({ account: await pool.addAccount(name) });
  const contacts = to.map((user) => `<sip:${user}@${pool.frontEnd.addresses.udp}>`);
  expect((await client.register({ contacts, expires: 600 })).status).toBe(200);
  return `sip:${name}@${DOMAIN}`;
}

const caller = async () => openPhone(pool, await pool.addAccount(`caller${++made}`));

describe('a call that comes back to the pool', () => {
  test('with another target, a spiral, rings there', async () => {
    const account = await pool.addAccount('target');
    const phone = await openPhone(pool, account);
    const outgoing = (await caller()).invite(await diverted('diverted', 'target'));
    phone.accept(await phone.receive('INVITE'));
    await outgoing.answered();
  });

  test.each([
    { what: 'to itself', contacts: { self: ['self'] } },
    { what: 'in a ring of three', contacts: { one: ['two'], two: ['three'], three: ['one'] } },
    {
      what: 'twice each time, which would double for ever',
      contacts: { left: ['left', 'right'], right: ['left', 'right'] },
    },
  ])(
    'again and again, $what, is told so and ends',
    async ({ contacts }) => {
      const uris: string[] = [];
      for (const [name, to] of Object.entries(contacts)) uris.push(await diverted(name, ...to));
      const outgoing = (await caller()).invite(uris[0]!);
      expect((await outgoing.final(8000)).status).toBe(482);
    },
    20_000,
  );

  test.each(['INVITE', 'MESSAGE', 'SUBSCRIBE'])(
    '%s that may go no further (Max-Forwards 0) is told 483',
    async (method) => {
      const client = await caller();
      const uri = `sip:target@${DOMAIN}`;
      const headers = [['Event', 'refer'] as const];
      const text = client
        .request({ method, uri, to: `<${uri}>`, headers })
        .replace('Max-Forwards: 70', 'Max-Forwards: 0');
      expect((await client.exchange(text)).status).toBe(483);
    },
  );
});

describe('Route and Record-Route values that somebody made up', () => {
  test.each([
    'sip:dlg.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'sip:dlg.',
    'sip:flw.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    `sip:flw.${'A'.repeat(2000)}`,
  ])('reach nobody: %s', async (token) => {
    const client = await caller();
    const phone = await openPhone(pool, await pool.addAccount(`victim${++made}`));
    // An address that means nobody here: the token alone would lead on.
    const uri = `sip:${phone.account.user}@192.0.2.55:5060`;
    const headers = [['Route', `<${token}@${pool.frontEnd.addresses.tcp};transport=tcp;lr>`]] as const;
    const to = `<${uri}>;tag=1`;
    const { status } = await client.exchange({ method: 'INFO', uri, to, headers });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(phone.connection.takeRequests()).toEqual([]);
  });
});

test('CANCEL that crosses the answer on its way leaves one final answer, 487 or 200', async () => {
  const phone = await openPhone(pool, await pool.addAccount('quick'));
  phone.answerEach(({ method }) => (method === 'INVITE' ? { headers: [['Contact', phone.contact()]] } : {}));
  const client = await caller();
  for (let race = 0; race < 100; race++) {
    const outgoing = client.invite(`sip:quick@${DOMAIN}`);
    if (race % 4 > 0) await new Promise((resolve) => setTimeout(resolve, race % 4));
    const cancelled = await outgoing.cancel();
    expect([200, 481]).toContain(cancelled.status);
    const { status } = await outgoing.final();
    expect([200, 487]).toContain(status);
  }
}, 30_000);

describe('10,000 calls that nobody answers', () => {
  const CALLS = 10_000;
  let frontEnd: FrontEndProcess;
  const clients: SipClient[] = [];

  const connect = async (account: SipAccount) => {
    const client = await SipClient.open(account, { transport: 'TCP', to: frontEnd.addresses.tcp });
    client.contactParameters = ';transport=tcp';
    clients.push(client);
    await registerPhone(client, newInstance());
    return client;
  };

  beforeAll(async () => {
    frontEnd = await startFrontEndProcess({ databaseUrl: pool.databaseUrl, domain: DOMAIN });
  });

  afterAll(async () => {
    for (const client of clients) await client.close();
    await frontEnd?.stop();
  });

  test('take bounded memory, keep nobody else waiting, and end with the phone that they ring at', async () => {
    const silent = await pool.addAccount('silent');
    const phone = await connect(silent);
    const sender = await connect(await pool.addAccount('many'));
    let ringing = 0;
    let ended = 0;
    phone.connection.onRequest((request) => {
      if (request.method === 'INVITE') {
        ringing += 1;
        phone.answer(request, 180);
      } else if (request.method === 'CANCEL') phone.answer(request, 200);
    });
    const before = residentBytes(frontEnd.child.pid!);
    const uri = `sip:silent@${DOMAIN}`;
    for (let call = 0; call < CALLS; call++) {
      sender.connection.send(
        sender.request({ method: 'INVITE', uri, to: `<${uri}>`, callId: `${call}@many`, contacts: [sender.contact()] }),
      );
      if (call % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await expect.poll(() => ringing, { timeout: 30_000 }).toBe(CALLS);
    const grown = residentBytes(frontEnd.child.pid!) - before;
    expect(grown / CALLS, `${Math.round(grown / CALLS)} bytes a call`).toBeLessThan(40_000);

    const other = await connect(await pool.addAccount('other'));
    const started = Date.now();
    expect((await other.exchange({ method: 'OPTIONS', uri: `sip:${DOMAIN}` })).status).toBe(200);
    expect(Date.now() - started).toBeLessThan(1000);

    // The phone goes: each call has its end.
    await phone.close();
    await expect
      .poll(
        () => sender.connection.collect(0).then((all) => (ended += all.filter(({ status }) => status >= 300).length)),
        {
          timeout: 30_000,
        },
      )
      .toBe(CALLS);
  }, 90_000);
});
