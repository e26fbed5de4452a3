import type { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';
import { PIDF, pidf, publish, subscribe, watch } from './watching.ts';

let pool: FrontEndPool;
let alice: SipClient;
const BOB = `sip:bob@${DOMAIN}`;
const OWN = `sip:alice@${DOMAIN}`;

beforeAll(async () => {
  pool = await startFrontEndPool();
  await pool.addAccount('bob');
  alice = await openPhone(pool, await pool.addAccount('alice'));
});

afterAll(async () => {
  await pool?.stop();
});

describe('a PUBLISH', () => {
  test('of another event package gets 489 and is told which there are', async () => {
    const answer = await publish(alice, '', { headers: [['Event', 'weather']] });
    expect(answer.status).toBe(489);
    expect(answer.header('Allow-Events')).toContain('presence');
    expect((await publish(alice, '', { headers: [] })).status).toBe(489);
  });

  test('that is too brief gets 423 and is told the least', async () => {
    const answer = await publish(alice, pidf(OWN), { expires: 10 });
    expect(answer.status).toBe(423);
    expect(answer.header('Min-Expires')).toBe('60');
  });

  test('that is over as it begins gets 200 and a tag of nothing', async () => {
    const answer = await publish(alice, pidf(OWN), { expires: 0 });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.header('Expires')).toBe('0');
    expect((await publish(alice, '', { etag: answer.header('SIP-ETag')! })).status).toBe(412);
  });

  test('for longer than is granted is told how long', async () => {
    const answer = await publish(alice, pidf(OWN), { expires: 100_000 });
    expect(answer.header('Expires')).toBe('3600');
  });

  test('larger than 25 KB gets 413', async () => {
    const answer = await publish(alice, pidf(OWN, { note: 'x'.repeat(26 * 1024) }));
    expect(answer.status).toBe(413);
  });

  test('of another type gets 415 and is told which', async () => {
    const answer = await publish(alice, '', {
      body: 'away',
      headers: [
        ['Event', 'presence'],
        ['Content-Type', 'text/plain'],
      ],
    });
    expect(answer.status).toBe(415);
    expect(answer.header('Accept')).toBe('application/pidf+xml');
  });

  test.each([
    ['no XML', 'away'],
    ['another document', '<?xml version="1.0"?><lists/>'],
    [
      'an external entity',
      `<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>${pidf(OWN).replace(/^<\?xml[^>]*>/, '')}`,
    ],
    ['nothing', ''],
  ])('of %s gets 400', async (_what, body) => {
    const headers = [['Event', 'presence'], PIDF] as const;
    expect((await publish(alice, '', { body, headers })).status).toBe(400);
  });

  test('with an entity tag of nobody gets 412', async () => {
    expect((await publish(alice, pidf(OWN), { etag: '1.1' })).status).toBe(412);
    expect((await publish(alice, pidf(OWN), { etag: 'x'.repeat(1000) })).status).toBe(412);
    expect((await publish(alice, pidf(OWN), { etag: '7fffffffffffffff.7fffffff' })).status).toBe(412);
    expect((await publish(alice, pidf(OWN), { etag: 'ffffffffffffffff.ffffffff' })).status).toBe(412);
  });

  test('in the name of another gets 403', async () => {
    expect((await publish(alice, pidf(BOB), { uri: BOB, to: `<${BOB}>` })).status).toBe(403);
  });

  test('from nobody of the pool gets no further', async () => {
    const stranger = await pool.client();
    const answer = await stranger.exchange({
      method: 'PUBLISH',
      uri: OWN,
      headers: [['Event', 'presence'], PIDF],
      body: pidf(OWN),
    });
    expect(answer.status).toBe(407);
  });
});

describe('a SUBSCRIBE', () => {
  test('without an event package gets 489', async () => {
    const answer = await alice.send({ method: 'SUBSCRIBE', uri: BOB, to: `<${BOB}>`, contacts: [alice.contact()] });
    expect(answer.status).toBe(489);
    expect(answer.header('Allow-Events')).toContain('presence');
  });

  test('to what only endpoints know goes to them', async () => {
    expect((await subscribe(alice, BOB, { event: 'refer' })).status).toBe(480);
  });

  test('that is too brief gets 423', async () => {
    const answer = await subscribe(alice, BOB, { expires: 10 });
    expect(answer.status).toBe(423);
    expect(answer.header('Min-Expires')).toBe('60');
  });

  test('to nobody gets 404', async () => {
    expect((await subscribe(alice, `sip:nobody@${DOMAIN}`)).status).toBe(404);
  });

  test('without a Contact, with two, or with one that is no SIP URI gets 400', async () => {
    for (const contacts of [[], [alice.contact(), alice.contact()], ['<tel:+491>']]) {
      expect((await subscribe(alice, BOB, { contacts })).status).toBe(400);
    }
  });

  test('of a client that understands other documents only gets 406', async () => {
    const answer = await subscribe(alice, BOB, { headers: [['Accept', 'application/x-other']] });
    expect(answer.status).toBe(406);
    expect(answer.header('Accept')).toBe('application/pidf+xml');
  });

  test('that requires what is not understood gets 420', async () => {
    expect((await subscribe(alice, BOB, { headers: [['Require', 'magic']] })).status).toBe(420);
  });

  test('to a list needs a client that understands lists, and a list of its own', async () => {
    const list = `${OWN};list=contacts`;
    const answer = await subscribe(alice, list);
    expect(answer.status).toBe(421);
    expect(answer.header('Require')).toBe('eventlist');
    expect((await subscribe(alice, `${OWN};list=others`, { supported: 'eventlist' })).status).toBe(404);
    expect((await subscribe(alice, `${BOB};list=contacts`, { supported: 'eventlist' })).status).toBe(403);
  });

  test('in a dialog that is not there gets 481', async () => {
    const watching = await watch(alice, BOB);
    await watching.next();
    const forged = watching.dialog.remote.replace(/[0-9a-f]{4}$/, '0000');
    const options = { to: forged, headers: [['Event', 'presence'] as const], contacts: [alice.contact()] };
    const answer = await alice.send({
      method: 'SUBSCRIBE',
      uri: BOB,
      callId: watching.dialog.callId,
      expires: 600,
      ...options,
    });
    expect(answer.status).toBe(481);
  });

  test('in the dialog of another gets 481', async () => {
    const mallory = await openPhone(pool, await pool.addAccount('mallory'));
    const watching = await watch(alice, BOB);
    await watching.next();
    watching.dialog.client = mallory;
    const answer = await watching.refresh({ from: `<${mallory.addressOfRecord}>;tag=${alice.tag}`, expires: 0 });
    expect(answer.status).toBe(481);
    watching.dialog.client = alice;
    expect((await watching.refresh()).status).toBe(200);
  });
});
