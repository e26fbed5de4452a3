import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { BlockList } from 'node:net';
import type { SipClient, SipReceived } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type WatchOptions, watch } from './watching.ts';

let pool: FrontEndPool;
let bystander: { address: string; taken: string[]; close(): void };
let made = 0;
const BOB = `sip:bob@${DOMAIN}`;
const TRUSTED = '127.0.0.3';
const LINES =
  'Via, Max-Forwards, From, To, Call-ID, CSeq, Contact, Event, Subscription-State, Content-Type, Content-Length';

beforeAll(async () => {
  const trustedNetworks = new BlockList();
  trustedNetworks.addAddress(TRUSTED);
  pool = await startFrontEndPool({ trustedNetworks });
  await pool.addAccount('bob');
  const socket = createSocket('udp4');
  const taken: string[] = [];
  socket.on('message', (bytes) => taken.push(bytes.toString()));
  socket.bind(0, '127.0.0.2');
  await once(socket, 'listening');
  bystander = { address: `127.0.0.2:${socket.address().port}`, taken, close: () => socket.close() };
});

afterAll(async () => {
  bystander?.close();
  await pool?.stop();
});

describe.each([
  { who: 'somebody with a password', from: '127.0.0.1' },
  { who: 'a host of a trusted network', from: TRUSTED },
])('$who who subscribes over UDP and names a bystander', ({ from }) => {
  test.each([
    { where: 'as Contact', over: (at: string) => ({ contacts: [`<sip:x@${at}>`] }) },
    { where: 'as maddr of its Contact', over: (at: string) => ({ contacts: [`<sip:x@127.0.0.9;maddr=${at}>`] }) },
    { where: 'as Record-Route', over: (at: string) => ({ headers: [['Record-Route', `<sip:${at};lr>`]] as const }) },
    {
      where: 'as Via',
      over: (at: string) => ({
        via: `SIP/2.0/UDP ${at};branch=z9hG4bK${++made}x;rport;maddr=127.0.0.2;received=127.0.0.2`,
      }),
    },
  ])('$where, is told itself, and the bystander nothing', async ({ over }) => {
    const watcher = await pool.client({ from });
    const watching = await watch(watcher, BOB, over(bystander.address));
    const notify = await watching.next();
    expect(notify.body).toContain('<presence');
    // One that ends it goes the same way.
    expect((await watching.refresh({ expires: 0, ...over(bystander.address) })).status).toBe(200);
    expect((await watching.next()).header('Subscription-State')).toMatch(/^terminated/);
    expect(bystander.taken).toEqual([]);
  });
});

describe('what a SUBSCRIBE says', () => {
  /** The values that a watcher has a say in, and where in its NOTIFY they come back. */
  const PLACES: Record<string, (hostile: string) => WatchOptions> = {
    'the display name of From': (x) => ({ from: `"${x}" <sip:alice@${DOMAIN}>;tag=a` }),
    'the tag of From': (x) => ({ from: `<sip:alice@${DOMAIN}>;tag=a${x}` }),
    'the quoted tag of From': (x) => ({ from: `<sip:alice@${DOMAIN}>;tag="a${x}"` }),
    From: (x) => ({ from: `<sip:alice@${DOMAIN};p=${x}>;tag=a` }),
    To: (x) => ({ to: `<${BOB};p=${x}>` }),
    Contact: (x) => ({ contacts: [`<sip:alice@127.0.0.1:5060;p=${x}>`] }),
    'the user of Contact': (x) => ({ contacts: [`<sip:${x}@127.0.0.1:5060>`] }),
    'the event id': (x) => ({ event: `presence;id=${x}` }),
    'the quoted event id': (x) => ({ event: `presence;id="${x}"` }),
    'an event parameter': (x) => ({ event: `presence;p="${x}"` }),
    'the event package': (x) => ({ event: `presence${x}` }),
    'Record-Route': (x) => ({ headers: [['Record-Route', `<sip:127.0.0.1;p=${x};lr>`]] }),
    'a parameter of Record-Route': (x) => ({ headers: [['Record-Route', `<sip:127.0.0.1;lr>;p="${x}"`]] }),
    'Call-ID': (x) => ({ callId: `a${x}@b` }),
  };
  const HOSTILE = [
    ...[
      '\r\nX-Injected: 1',
      '\nX-Injected: 1',
      '\rX-Injected: 1',
      '\r\n\r\nNOTIFY sip:x SIP/2.0',
      '\r\n X-Injected: 1',
    ],
    ...['%0d%0aX-Injected:%201', '\\\r\nX-Injected: 1', '\\"\\\r', '\u0000', '\u0001', '\u000b', '\u007f', '\u0085'],
    ...['"', '<', '>', ';', ',', '\\', '>;x=<', '" <sip:x@y>;tag=b', '%00', '%ff', '\ud83d\ude00'],
  ];
  let watcher: SipClient;
  const told: SipReceived[] = [];
  beforeAll(async () => {
    watcher = await pool.client({ account: await pool.addAccount('alice'), from: TRUSTED });
    watcher.answerEach((notify) => {
      told.push(notify);
      return {};
    });
  });

  test.each(Object.keys(PLACES))('in %s adds no line to its NOTIFY', async (place) => {
    told.length = 0;
    for (const hostile of HOSTILE) {
      const { event = 'presence', headers = [], ...rest } = PLACES[place]!(hostile);
      watcher.connection.send(
        watcher.request({
          ...{ method: 'SUBSCRIBE', uri: BOB, to: `<${BOB}>`, expires: 600, contacts: [watcher.contact()] },
          ...{ callId: `injected${++made}`, ...rest, headers: [['Event', event], ...headers] },
        }),
      );
    }
    const answers = await watcher.connection.collect(500);
    for (const { status, text } of answers) expect([200, 400, 403, 404, 480, 489], text).toContain(status);
    const granted = answers.filter(({ status }) => status === 200).length;
    expect(answers.length).toBeGreaterThan(HOSTILE.length / 2);
    await expect.poll(() => told.length).toBe(granted);
    for (const { text, body, header } of told) {
      const head = text.slice(0, text.indexOf('\r\n\r\n'));
      const names = head
        .split('\r\n')
        .slice(1)
        .map((line) => line.slice(0, line.indexOf(':')));
      expect(names.filter((name) => name !== 'Route').join(', '), head).toBe(LINES);
      expect(head.replaceAll('\r\n', ''), head).not.toMatch(/[\r\n\0]/);
      expect(Number(header('Content-Length'))).toBe(Buffer.byteLength(body));
    }
  });
});
