import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipAccount, SipClient, SipTransport } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone, SDP, sdp } from '../phones.ts';

let pool: FrontEndPool;
let frontEnds: RunningFrontEnd[];
let alice: SipClient;
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
  frontEnds = [pool.frontEnd, await pool.addFrontEnd(), await pool.addFrontEnd()];
  alice = await openPhone(pool, await pool.addAccount('alice'), { frontEnd: frontEnds[0]! });
});

afterAll(async () => {
  await pool?.stop();
});

const PLACES: readonly { frontEnd: number; transport: SipTransport }[] = [
  { frontEnd: 0, transport: 'TCP' },
  { frontEnd: 1, transport: 'TCP' },
  { frontEnd: 1, transport: 'UDP' },
  { frontEnd: 2, transport: 'WS' },
];

/** Somebody with a phone at each place, and the URI that reaches them all. */
async function callee(places = PLACES, parameters: readonly string[] = []) {
  const account: SipAccount = await pool.addAccount(`callee${++made}`);
  const phones: SipClient[] = [];
  for (const [index, { frontEnd, transport }] of places.entries()) {
    const options = { frontEnd: frontEnds[frontEnd]!, transport, parameters: parameters[index] ?? '' };
    phones.push(await openPhone(pool, account, options));
  }
  return { phones, uri: `sip:${account.user}@${DOMAIN}` };
}

const call = (uri: string) => alice.invite(uri, { headers: [SDP], body: sdp() });
const ringing = (phones: readonly SipClient[]) => Promise.all(phones.map((phone) => phone.receive('INVITE')));

describe('a call to somebody with four phones on three front ends', () => {
  test('rings them all; the first that answers has it, the others stop ringing', async () => {
    const { phones, uri } = await callee();
    const outgoing = call(uri);
    const invites = await ringing(phones);
    for (const [index, phone] of phones.entries()) phone.answer(invites[index]!, 180);
    await outgoing.provisional(180);
    const bob = phones[1]!.accept(invites[1]!, { headers: [SDP], body: sdp() });
    const dialog = await outgoing.answered();
    await phones[1]!.receive('ACK');
    for (const [index, phone] of phones.entries()) {
      if (index === 1) continue;
      phone.answer(await phone.receive('CANCEL'), 200);
      phone.answer(invites[index]!, 487);
      await phone.receive('ACK');
    }
    const ended = bob.exchange('BYE');
    alice.answer(await alice.receive('BYE'), 200);
    expect((await ended).status).toBe(200);
    expect(dialog.remote).toContain(`;tag=${phones[1]!.tag}`);
    expect(alice.connection.takeRequests()).toEqual([]);
  });

  test('that the caller gives up while they ring ends for all of them with CANCEL, and for her with 487', async () => {
    const { phones, uri } = await callee();
    const outgoing = call(uri);
    const invites = await ringing(phones);
    for (const [index, phone] of phones.entries()) phone.answer(invites[index]!, 180);
    await outgoing.provisional(180);
    expect((await outgoing.cancel()).status).toBe(200);
    for (const [index, phone] of phones.entries()) {
      phone.answer(await phone.receive('CANCEL'), 200);
      phone.answer(invites[index]!, 487);
      await phone.receive('ACK');
    }
    expect((await outgoing.final()).status).toBe(487);
  });

  test('that one of them declines for all (603) ends for the others too', async () => {
    const { phones, uri } = await callee();
    const outgoing = call(uri);
    const invites = await ringing(phones);
    for (const [index, phone] of phones.entries()) if (index !== 2) phone.answer(invites[index]!, 180);
    phones[2]!.answer(invites[2]!, 603);
    for (const [index, phone] of phones.entries()) {
      if (index === 2) continue;
      phone.answer(await phone.receive('CANCEL'), 200);
      phone.answer(invites[index]!, 487);
    }
    expect((await outgoing.final()).status).toBe(603);
  });

  test('that all refuse is refused with the best of their answers', async () => {
    const { phones, uri } = await callee();
    const outgoing = call(uri);
    const invites = await ringing(phones);
    for (const [index, phone] of phones.entries()) phone.answer(invites[index]!, [500, 486, 408, 503][index]!);
    expect((await outgoing.final()).status).toBe(486);
  });

  test('goes on with the others when one is busy', async () => {
    const { phones, uri } = await callee();
    const outgoing = call(uri);
    const invites = await ringing(phones);
    phones[0]!.answer(invites[0]!, 486);
    phones[3]!.answer(invites[3]!, 180);
    await outgoing.provisional(180);
    phones[3]!.accept(invites[3]!);
    await outgoing.answered();
  });

  test('tries those of the highest q first, and the others only when these refuse', async () => {
    const { phones, uri } = await callee(PLACES, [';q=0.4', ';q=0.9', ';q=0.4', ';q=0.1']);
    const outgoing = call(uri);
    const [first] = await ringing([phones[1]!]);
    expect(phones[0]!.connection.takeRequests()).toEqual([]);
    phones[1]!.answer(first!, 486);
    const next = await ringing([phones[0]!, phones[2]!]);
    expect(phones[3]!.connection.takeRequests()).toEqual([]);
    phones[0]!.answer(next[0]!, 180);
    await outgoing.provisional(180);
    phones[2]!.accept(next[1]!);
    await outgoing.answered();
    expect((await phones[0]!.receive('CANCEL')).method).toBe('CANCEL');
    expect(phones[3]!.connection.takeRequests()).toEqual([]);
  });

  test('that answers are 100 at once and then nothing but what phones say', async () => {
    const { phones, uri } = await callee();
    const before = Date.now();
    const outgoing = call(uri);
    await outgoing.provisional(100, 1000);
    // RFC 3261 §17.2.1: unless something else follows within 200 ms.
    expect(Date.now() - before).toBeLessThan(250);
    const invites = await ringing(phones);
    for (const [index, phone] of phones.entries()) phone.answer(invites[index]!, 486);
    expect((await outgoing.final()).status).toBe(486);
  });

  test('reaches one phone alone when it is called by its GRUU', async () => {
    const account = await pool.addAccount(`callee${++made}`);
    const instance = 'urn:uuid:00000000-0000-1000-8000-00000000cafe';
    const wanted = await openPhone(pool, account, { frontEnd: frontEnds[2]!, instance });
    const other = await openPhone(pool, account, { frontEnd: frontEnds[1]! });
    const outgoing = call(`sip:${account.user}@${DOMAIN};gr=${instance}`);
    wanted.accept(await wanted.receive('INVITE'));
    await outgoing.answered();
    expect(other.connection.takeRequests()).toEqual([]);
  });
});

describe('a call that reaches nobody', () => {
  test.each([
    { of: 'of somebody without a phone', to: 'nobody-home', status: 480 },
    { of: 'to a user that does not exist', to: 'no-such-user', status: 404 },
  ])('$of is told $status', async ({ to, status }) => {
    if (to === 'nobody-home') await pool.addAccount(to);
    expect((await call(`sip:${to}@${DOMAIN}`).final()).status).toBe(status);
  });

  test('to a foreign domain is refused: this is no open relay', async () => {
    expect((await call('sip:bob@elsewhere.example').final()).status).toBe(403);
  });

  test('from somebody who has not said who it is, is challenged; in the name of another, refused', async () => {
    const { phones, uri } = await callee(PLACES.slice(0, 1));
    const stranger = await pool.client({ account: { user: 'alice', domain: DOMAIN, password: 'guessed' } });
    const text = stranger.request({ method: 'INVITE', uri, to: `<${uri}>`, contacts: [stranger.contact()] });
    expect((await stranger.exchange(text)).status).toBe(407);
    const mallory = await openPhone(pool, await pool.addAccount(`mallory${made}`));
    const answer = await mallory.invite(uri, { from: `<sip:alice@${DOMAIN}>;tag=1` }).final();
    expect(answer.status).toBe(403);
    expect(phones[0]!.connection.takeRequests()).toEqual([]);
  });
});

test('who calls is asserted to the phones, and what a client asserts by itself is not believed', async () => {
  const { phones, uri } = await callee(PLACES.slice(1, 2));
  const asserted = ['P-Asserted-Identity', `<sip:president@${DOMAIN}>`] as const;
  const outgoing = alice.invite(uri, { headers: [asserted] });
  const invite = await phones[0]!.receive('INVITE');
  expect(invite.headers('P-Asserted-Identity')).toEqual([`<sip:alice@${DOMAIN}>`]);
  phones[0]!.answer(invite, 486);
  await outgoing.final();
});
