import type { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';
import { pidf, publish, subscribe, type Watching, watch } from './watching.ts';

let pool: FrontEndPool;
let alice: SipClient;
let mallory: SipClient;
const ALICE = `sip:alice@${DOMAIN}`;
const AWAY = `sip:away@${DOMAIN}`;

beforeAll(async () => {
  pool = await startFrontEndPool();
  alice = await openPhone(pool, await pool.addAccount('alice'));
  await pool.addAccount('away');
  mallory = await openPhone(pool, await pool.addAccount('mallory'));
  const account = { user: 'alice', domain: DOMAIN };
  const subject = { scope: 'user' as const, user: 'mallory', domain: DOMAIN };
  await pool.backEnd.setAccessRule({ account, subject, level: 'blocked' });
  await publish(alice, pidf(ALICE, { note: 'here', activity: 'on-the-phone' }));
});

afterAll(async () => {
  await pool?.stop();
});

/** What a watcher is told, without what names the dialog and who is watched. */
async function told(watching: Watching, uri: string): Promise<string> {
  const { text } = await watching.next();
  return text
    .replace(/^(Via|From|To|Call-ID|CSeq):.*\r\n/gm, '')
    .replace(/expires=\d+/, 'expires=')
    .replaceAll(uri, 'sip:x@y')
    .replace(/Content-Length: \d+/, '');
}

test.each(['presence', 'dialog'])(
  'of %s a blocked watcher is told the same as of one who has never been there',
  async (event) => {
    const answers: string[] = [];
    for (const uri of [ALICE, AWAY]) {
      const watching = await watch(mallory, uri, { event });
      const first = await told(watching, uri);
      expect((await watching.refresh()).status).toBe(200);
      const refreshed = await told(watching, uri);
      const asked = await told(await watch(mallory, uri, { event, expires: 0 }), uri);
      const { answer } = watching;
      const headers = ['Expires', 'Contact', 'Require', 'Allow-Events'].map((name) => answer.header(name));
      answers.push([first, refreshed, asked, ...headers].join('\n'));
    }
    expect(answers[0]).toBe(answers[1]);
  },
);

test('a blocked watcher is told nothing when something changes, and sees no watchers, endpoints or messages', async () => {
  const watching = await watch(mallory, ALICE);
  await watching.next();
  for (const note of ['one', 'two']) await publish(alice, pidf(ALICE, { note }));
  const friend = await openPhone(pool, await pool.addAccount('friend'));
  const seeing = await watch(friend, ALICE);
  await seeing.until(/open/);
  expect((await alice.register({ contacts: [alice.contact()], expires: 600 })).status).toBe(200);
  await publish(alice, pidf(ALICE, { note: 'three' }));
  await seeing.until(/three/);
  await expect(mallory.receive('NOTIFY', 500)).rejects.toThrow();
  for (const event of ['presence.winfo', 'reg', 'message-summary', 'xcap-diff']) {
    expect((await subscribe(mallory, ALICE, { event })).status).toBe(403);
  }
});

test('nothing of what is published or proven is in the log', async () => {
  await publish(alice, pidf(ALICE, { note: 'only for friends' }));
  expect(pool.log()).not.toMatch(/only for friends|password of|response=|[0-9a-f]{8}\.[0-9a-f]+"?,"?SIP-ETag/);
});
