import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

describe.each(['TCP', 'TLS'] as const)('a %s connection', (transport) => {
  it('carries two requests in one segment', async () => {
    const alice = await pool.client({ transport });
    const requests = [alice.request({ method: 'OPTIONS' }), alice.request({ contacts: [alice.contact()] })];
    alice.connection.send(requests.join(''));
    expect((await alice.finalAnswer(requests[0]!)).status).toBe(200);
    expect((await alice.finalAnswer(requests[1]!)).status).toBe(401);
  });

  it('carries one request in many segments', async () => {
    const alice = await pool.client({ transport });
    const request = alice.request({ method: 'OPTIONS', body: 'with a body' });
    for (let at = 0; at < request.length; at += 40) {
      alice.connection.send(request.slice(at, at + 40));
      await sleep(2);
    }
    expect((await alice.finalAnswer(request)).status).toBe(200);
  });

  it('answers each of many requests that are sent without waiting', async () => {
    const alice = await pool.client({ transport });
    const requests = Array.from({ length: 200 }, () => alice.request({ method: 'OPTIONS' }));
    alice.connection.send(requests.join(''));
    const answers = await Promise.all(requests.map((request) => alice.finalAnswer(request)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });

  it('gets its answers whatever the Via says', async () => {
    const alice = await pool.client({ transport });
    const via = `SIP/2.0/${transport} 192.0.2.77:5060;branch=z9hG4bKelsewhere`;
    expect((await alice.exchange({ method: 'OPTIONS', via })).status).toBe(200);
  });

  it('is kept alive: a double CRLF is answered with one', async () => {
    const alice = await pool.client({ transport });
    for (let ping = 1; ping <= 3; ping++) {
      alice.connection.send('\r\n\r\n');
      await expect.poll(() => alice.connection.pongs).toBe(ping);
    }
    expect((await alice.exchange({ method: 'OPTIONS' })).status).toBe(200);
    expect(alice.connection.pongs).toBe(3);
  });

  it.each([
    {
      what: 'a body of more than 64 KB',
      change: (text: string) => text.replace('Content-Length: 0', 'Content-Length: 70000'),
      status: 513,
    },
    {
      what: 'a head of more than 64 KB',
      change: (text: string) => text.replace('\r\n\r\n', `\r\nSubject: ${'x'.repeat(70_000)}\r\n\r\n`),
      status: 513,
    },
    { what: 'no Content-Length', change: (text: string) => text.replace('Content-Length: 0\r\n', ''), status: 400 },
    {
      what: 'a negative Content-Length',
      change: (text: string) => text.replace('Length: 0', 'Length: -1'),
      status: 400,
    },
    {
      what: 'two Content-Lengths',
      change: (text: string) => text.replace('\r\n\r\n', '\r\nl: 5\r\n\r\n'),
      status: 400,
    },
  ])('that sends $what is told $status and closed; others go on', async ({ change, status }) => {
    const [alice, bob] = [await pool.client({ transport }), await pool.client({ transport })];
    alice.connection.send(change(alice.request({ method: 'OPTIONS' })));
    expect((await alice.connection.next()).status).toBe(status);
    await alice.connection.ended;
    expect((await bob.exchange({ method: 'OPTIONS' })).status).toBe(200);
  });

  it('that a client drops while its request is under way troubles nobody', async () => {
    const alice = await pool.client({ transport });
    const authorization = alice.authorization(await alice.exchange({ contacts: [alice.contact()] }));
    const held = await pool.hold(alice.account);
    alice.connection.send(alice.request({ contacts: [alice.contact()], headers: [['Authorization', authorization]] }));
    await held.awaited();
    await alice.close();
    await held.release();
    // What it asked for is done all the same, and the next one is served.
    await expect.poll(() => pool.backEnd.listEndpoints(alice.account)).toHaveLength(1);
    const bob = await pool.client({ transport });
    expect((await bob.register({ contacts: [bob.contact()] })).status).toBe(200);
  });
});

describe('IPv6', () => {
  it.each(['UDP', 'TCP'] as const)('a phone registers over %s by the address of the server', async (transport) => {
    const frontEnd = await pool.addFrontEnd({ host: '::1' });
    const alice = await pool.client({ transport, frontEnd });
    const server = frontEnd.addresses[transport === 'UDP' ? 'udp' : 'tcp'];
    expect(server).toMatch(/^\[::1\]:\d+$/);
    const { port } = alice.connection.local;
    const answer = await alice.register({
      uri: `sip:${server}`,
      to: `<sip:${alice.account.user}@${server}>`,
      via: `SIP/2.0/${transport} [::1]:${port};branch=z9hG4bK${port};rport`,
      contacts: [`<sip:alice@[::1]:${port}>`],
    });
    expect(answer.status).toBe(200);
    expect(answer.contacts[0]?.uri).toBe(`sip:alice@[::1]:${port}`);
    expect(answer.header('Service-Route')).toBe(`<sip:${server};transport=${transport.toLowerCase()};lr>`);
  });
});
