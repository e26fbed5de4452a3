import type { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';
import { PIDF, pidf, publish, subscribe, watch } from './watching.ts';

let pool: FrontEndPool;
const BOB = `sip:bob@${DOMAIN}`;
const OPEN = pidf('sip:x@y').replace(/^<\?xml[^>]*>/, '');

const BAD = {
  'entities that grow': `<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "${'&a;'.repeat(100)}"><!ENTITY c "${'&b;'.repeat(100)}">]>${OPEN.replace('open', '&c;')}`,
  'an external entity': `<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>${OPEN.replace('open', '&x;')}`,
  'an external document type': `<!DOCTYPE p SYSTEM "http://192.0.2.1/p.dtd">${OPEN}`,
  'an unknown entity': OPEN.replace('open', '&x;'),
  'the wrong namespace': OPEN.replace('ns:pidf"', 'ns:cpim-pidf"'),
  'no namespace': '<presence><tuple id="t"><status><basic>open</basic></status></tuple></presence>',
  'a thousand levels': '<a>'.repeat(1000),
  'ten thousand attributes': `<presence ${Array.from({ length: 2000 }, (_, index) => `a${index}="x"`).join(' ')}/>`,
  'a control character': OPEN.replace('open', 'op\u0001en'),
  NUL: OPEN.replace('open', 'op\u0000en'),
  'a line end of SIP': '\r\n\r\nNOTIFY sip:x SIP/2.0\r\n\r\n',
};

beforeAll(async () => {
  pool = await startFrontEndPool();
  await pool.addAccount('bob');
});

afterAll(async () => {
  await pool?.stop();
});

describe.each(['UDP', 'TCP', 'WS'] as const)('over %s', (transport) => {
  let alice: SipClient;
  let mallory: SipClient;

  beforeAll(async () => {
    const open = async (user: string) => openPhone(pool, await pool.addAccount(`${user}-${transport}`), { transport });
    [alice, mallory] = [await open('alice'), await open('mallory')];
  });

  test.each(Object.entries(BAD))('a document with %s gets 400, and a good one 200 after it', async (_what, body) => {
    expect((await publish(alice, body)).status).toBe(400);
    expect((await publish(alice, pidf(alice.addressOfRecord), { expires: 60 })).status).toBe(200);
  });

  test('one of 1 MB gets 413 or 513 or ends the connection, and others are served', async () => {
    if (transport === 'UDP') return;
    const phone = await openPhone(pool, mallory.account, { transport });
    const refused = publish(phone, pidf(BOB, { note: 'x'.repeat(1 << 20) })).then(({ status }) => status);
    expect([413, 513, 'ended']).toContain(await Promise.race([refused, phone.connection.ended.then(() => 'ended')]));
    refused.catch(() => {});
    expect((await publish(alice, pidf(alice.addressOfRecord), { expires: 60 })).status).toBe(200);
  });

  test('a publication of another cannot be changed, refreshed or removed by its entity tag', async () => {
    const etag = (await publish(alice, pidf(alice.addressOfRecord, { note: 'own' }))).header('SIP-ETag')!;
    expect((await publish(mallory, pidf(mallory.addressOfRecord), { etag })).status).toBe(412);
    expect((await publish(mallory, '', { etag })).status).toBe(412);
    expect((await publish(mallory, '', { etag, expires: 0 })).status).toBe(412);
    const uri = alice.addressOfRecord;
    expect((await publish(mallory, '', { etag, expires: 0, uri, to: `<${uri}>` })).status).toBe(403);
    expect((await publish(alice, '', { etag })).status).toBe(200);
  });

  test('a subscription of another cannot be refreshed or ended, nor one’s own by an old request', async () => {
    const watching = await watch(alice, BOB);
    await watching.next();
    const { callId, remote, target, cseq } = watching.dialog;
    const forged = { uri: target, to: remote, callId, cseq: cseq + 10 };
    for (const expires of [0, 600]) {
      expect((await subscribe(mallory, target, { ...forged, expires })).status).toBe(481);
      const from = `<${mallory.addressOfRecord}>;tag=${alice.tag}`;
      expect((await subscribe(mallory, target, { ...forged, expires, from })).status).toBe(481);
      const stolen = `<${alice.addressOfRecord}>;tag=${alice.tag}`;
      expect((await subscribe(mallory, target, { ...forged, expires, from: stolen })).status).not.toBe(200);
    }
    const old = await subscribe(alice, target, { uri: target, to: remote, callId, cseq: 1, expires: 0 });
    expect(old.status).toBe(500);
    expect((await watching.refresh()).status).toBe(200);
  });

  test('thousands of types in Accept are read, and 406 or 200 is right', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `a/x${index}`).join(', ');
    expect((await subscribe(alice, BOB, { headers: [['Accept', many]] })).status).toBe(406);
    expect((await subscribe(alice, BOB, { headers: [['Accept', `${many}, */*`]], expires: 0 })).status).toBe(200);
  });

  test('a route set that is too long gets 400', async () => {
    const routes = Array.from({ length: 17 }, () => ['Record-Route', '<sip:192.0.2.1;lr>'] as const);
    expect((await subscribe(alice, BOB, { headers: routes })).status).toBe(400);
    const long = [['Record-Route', `<sip:${'x'.repeat(1100)}@192.0.2.1;lr>`] as const];
    expect((await subscribe(alice, BOB, { headers: long })).status).toBe(400);
  });

  test('lists, endpoints and watchers of others are nobody’s business', async () => {
    const supported = 'eventlist';
    expect((await subscribe(alice, `${BOB};list=contacts`, { supported })).status).toBe(403);
    const lists = `${alice.addressOfRecord};list=lists`;
    expect((await subscribe(alice, lists, { supported })).status).toBe(404);
    for (const event of ['reg', 'presence.winfo', 'message-summary', 'xcap-diff']) {
      expect((await subscribe(alice, BOB, { event })).status).toBe(403);
    }
  });

  test('Content-Type that is missing or coded otherwise gets 415', async () => {
    const body = pidf(alice.addressOfRecord);
    const event = ['Event', 'presence'] as const;
    const request = { method: 'PUBLISH', uri: alice.addressOfRecord, body };
    expect((await alice.send({ ...request, headers: [event] })).status).toBe(415);
    const coded = [event, PIDF, ['Content-Encoding', 'gzip'] as const];
    expect((await alice.send({ ...request, headers: coded })).status).toBe(415);
  });
});
