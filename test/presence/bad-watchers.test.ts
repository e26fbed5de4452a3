import type { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';
import { pidf, publish, sequence, watch } from './watching.ts';

let pool: FrontEndPool;
let alice: SipClient;
let made = 0;
const ALICE = `sip:alice@${DOMAIN}`;

beforeAll(async () => {
  pool = await startFrontEndPool();
  alice = await openPhone(pool, await pool.addAccount('alice'));
});

afterAll(async () => {
  await pool?.stop();
});

const watcher = async (transport: 'TCP' | 'WS' = 'TCP') =>
  openPhone(pool, await pool.addAccount(`watcher${++made}`), { transport });

test.each([
  { status: 302, headers: [['Contact', '<sip:somewhere@192.0.2.9>']] as const },
  { status: 401, headers: [['WWW-Authenticate', 'Digest realm="x", nonce="y"']] as const },
  { status: 500, headers: [] },
  { status: 503, headers: [['Retry-After', '99999999999']] as const },
  { status: 699, headers: [] },
])('a watcher that answers $status keeps its subscription, and is told the next change once', async (answer) => {
  const phone = await watcher();
  const watching = await watch(phone, ALICE);
  const first = await phone.receive('NOTIFY');
  phone.answer(first, answer.status, { headers: answer.headers });
  await publish(alice, pidf(ALICE, { note: `after ${answer.status}` }));
  const next = await watching.until(new RegExp(`after ${answer.status}`));
  expect(sequence(next)).toBeGreaterThan(sequence(first));
  await expect(phone.receive('NOTIFY', 300)).rejects.toThrow();
});

const soon = [['Retry-After', '1']] as const;

test('one that could not take it is told again when it said, three times, and then with the next change', async () => {
  const phone = await watcher();
  const watching = await watch(phone, ALICE);
  const said = /^(?:active;expires=\d+)$/;
  const first = await phone.receive('NOTIFY');
  phone.answer(first, 503, { headers: soon });
  let last = first;
  for (let tries = 0; tries < 3; tries++) {
    const again = await phone.receive('NOTIFY', 3000);
    expect(again.body).toBe(first.body);
    expect(again.header('Subscription-State')).toMatch(said);
    expect(sequence(again)).toBeGreaterThan(sequence(last));
    phone.answer(again, 503, { headers: soon });
    last = again;
  }
  await expect(phone.receive('NOTIFY', 1500)).rejects.toThrow();
  await publish(alice, pidf(ALICE, { note: 'after three' }));
  await watching.until(/after three/);
});

test('one that could take it the second time is told once', async () => {
  const phone = await watcher();
  const watching = await watch(phone, ALICE);
  phone.answer(await phone.receive('NOTIFY'), 500, { headers: soon });
  await watching.next();
  await expect(phone.receive('NOTIFY', 1500)).rejects.toThrow();
});

test.each([404, 405, 481, 489, 501])('one that answers %s has none any more', async (status) => {
  const watching = await watch(await watcher(), ALICE);
  await watching.next(status);
  await expect.poll(async () => (await watching.refresh()).status).toBe(481);
});

test.each([
  ['nothing like SIP', () => 'SIP/2.0 OK\r\n\r\n'],
  ['a status of no number', (notify: string) => notify.replace(/^NOTIFY .*$/m, 'SIP/2.0 2x0 OK')],
  ['a status that is none', (notify: string) => notify.replace(/^NOTIFY .*$/m, 'SIP/2.0 999 OK')],
  [
    'another transaction',
    (notify: string) => notify.replace(/^NOTIFY .*$/m, 'SIP/2.0 200 OK').replace(/branch=\w+/, 'branch=z9hG4bKno'),
  ],
  [
    'another method',
    (notify: string) => notify.replace(/^NOTIFY .*$/m, 'SIP/2.0 200 OK').replace(/^(CSeq: \d+).*$/m, '$1 INVITE'),
  ],
  ['100 Trying for ever', (notify: string) => notify.replace(/^NOTIFY .*$/m, 'SIP/2.0 100 Trying')],
])('one that answers with %s keeps nobody else waiting', async (_what, made) => {
  const phone = await watcher();
  const other = await watch(await watcher(), ALICE);
  await other.next();
  await watch(phone, ALICE);
  const notify = await phone.receive('NOTIFY');
  phone.connection.send(
    made(notify.text.replace(/\r\n\r\n[\s\S]*$/, '\r\n\r\n').replace(/Content-Length: \d+/, 'Content-Length: 0')),
  );
  const note = `meanwhile ${Math.random()}`;
  await publish(alice, pidf(ALICE, { note }));
  await other.until(new RegExp(note));
});

test.each(['TCP', 'WS'] as const)(
  'one that closes its %s connection in the middle is told everything when it is back',
  async (transport) => {
    const account = await pool.addAccount(`closer${++made}`);
    const phone = await openPhone(pool, account, {
      transport,
      instance: 'urn:uuid:00000000-0000-4000-8000-000000000001',
    });
    const watching = await watch(phone, ALICE);
    const first = await phone.receive('NOTIFY');
    await phone.close();
    await publish(alice, pidf(ALICE, { note: `while ${transport} was away` }));
    const again = await openPhone(pool, account, {
      transport,
      instance: 'urn:uuid:00000000-0000-4000-8000-000000000001',
    });
    watching.dialog.client = again;
    const next = await watching.until(new RegExp(`while ${transport} was away`));
    expect(sequence(next)).toBeGreaterThan(sequence(first));
  },
);
