import { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { DOMAIN, type LocalPool, passwordOf, startLocalPool } from '../../bench/pool/local-pool.ts';
import { newInstance, registerPhone } from '../phones.ts';

interface Listed {
  frontEndId: number;
  receivedFrom: string;
}

let pool: LocalPool;
let alice: SipClient;
let bob: SipClient;
const phones: SipClient[] = [];

beforeAll(async () => {
  pool = await startLocalPool(2, ['--front-ends', '2']);
});

beforeEach(async () => {
  for (const phone of phones.splice(0)) await phone.close();
  alice = await open('u1');
  const there = await frontEndOf('u1', alice);
  // The balancer gives connections out in turn, so this ends soon.
  do bob = await open('u2');
  while ((await frontEndOf('u2', bob)) === there && phones.length < 10);
  expect(await frontEndOf('u2', bob)).not.toBe(there);
});

afterAll(async () => {
  for (const phone of phones) await phone.close();
  expect(await pool?.stop()).toBe(0);
});

/** A phone that has registered through the VIP. */
async function open(user: string): Promise<SipClient> {
  const account = { user, domain: DOMAIN, password: passwordOf(user) };
  const phone = await SipClient.open(account, { transport: 'TCP', to: pool.addresses.tcp });
  phone.contactParameters = ';transport=tcp';
  await registerPhone(phone, newInstance());
  phones.push(phone);
  return phone;
}

async function frontEndOf(user: string, { connection }: SipClient): Promise<number | undefined> {
  const listed: Listed[] = JSON.parse(await pool.command('endpoints', `sip:${user}@${DOMAIN}`, '--json'));
  const { address, port } = connection.local;
  return listed.find(({ receivedFrom }) => receivedFrom === `${address}:${port}`)?.frontEndId;
}

it('a message goes from a client of one front end to a client of the other, over the VIP', async () => {
  const sent = alice.message(bob.addressOfRecord, 'hello');
  const message = await bob.receive('MESSAGE');
  expect(message.body).toBe('hello');
  bob.answer(message, 200);
  expect((await sent).status).toBe(200);
});

it.each(['caller', 'callee'])('they call each other, and the %s hangs up; both come back by the VIP', async (who) => {
  const outgoing = alice.invite(bob.addressOfRecord);
  const invite = await bob.receive('INVITE');
  const called = bob.accept(invite);
  const calling = await outgoing.answered();
  await bob.receive('ACK');
  for (const { routes } of [calling, called]) {
    expect(routes).toHaveLength(2);
    for (const route of routes) expect(route).toContain(`@${pool.addresses.tcp};transport=tcp;lr>`);
  }
  const [first, other] = who === 'caller' ? ([calling, bob] as const) : ([called, alice] as const);
  const bye = first.exchange('BYE');
  other.answer(await other.receive('BYE'), 200);
  expect((await bye).status).toBe(200);
});
