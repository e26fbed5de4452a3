import type { RunningFrontEnd } from '@rollcall/front-end';
import { type SipAccount, type SipClient, SipDialog, type SipTransport, uriOf } from '@rollcall/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { newInstance, openPhone, SDP, sdp } from '../phones.ts';

let pool: FrontEndPool;
let frontEnds: RunningFrontEnd[];
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
  frontEnds = [pool.frontEnd, await pool.addFrontEnd(), await pool.addFrontEnd()];
});

afterAll(async () => {
  await pool?.stop();
});

interface Party {
  account: SipAccount;
  instance: string;
  phone: SipClient;
  dialog: SipDialog;
}

let alice: Party;
let bob: Party;

async function party(name: string, frontEnd: number, transport: SipTransport): Promise<Party> {
  const account = await pool.addAccount(`${name}${++made}`);
  const instance = newInstance();
  const phone = await openPhone(pool, account, { frontEnd: frontEnds[frontEnd]!, transport, instance });
  return { account, instance, phone, dialog: undefined as unknown as SipDialog };
}

/** A call in progress: alice on the first front end, bob on the second. `named`: her Contact tells which phone it is. */
async function connect(
  transports: readonly [SipTransport, SipTransport] = ['TCP', 'TCP'],
  named = false,
): Promise<void> {
  alice = await party('alice', 0, transports[0]);
  bob = await party('bob', 1, transports[1]);
  const contacts = [alice.phone.contact(named ? `;+sip.instance="<${alice.instance}>"` : '')];
  const outgoing = alice.phone.invite(`sip:${bob.account.user}@${DOMAIN}`, { contacts, headers: [SDP], body: sdp() });
  bob.dialog = bob.phone.accept(await bob.phone.receive('INVITE'), { headers: [SDP], body: sdp() });
  alice.dialog = await outgoing.answered();
  await bob.phone.receive('ACK');
}

/** The same phone after it has lost its connection and found another front end. */
async function reconnect(one: Party, frontEnd: number, transport: SipTransport = 'TCP'): Promise<void> {
  await one.phone.close();
  const options = { frontEnd: frontEnds[frontEnd]!, transport, instance: one.instance };
  one.phone = await openPhone(pool, one.account, options);
  one.dialog.client = one.phone;
}

/** A request in the dialog, and the same as the other side has got and answered it. */
async function says(from: Party, to: Party, method: string, options: Parameters<SipDialog['request']>[1] = {}) {
  const answer = from.dialog.exchange(method, options);
  answer.catch(() => {}); // what the other side lacks is told first
  const request = await to.phone.receive(method);
  to.phone.answer(request, 200, { headers: [['Contact', to.phone.contact()]] });
  expect((await answer).status).toBe(200);
  return request;
}

async function reinvites(from: Party, to: Party): Promise<void> {
  const answer = from.dialog.reinvite({ headers: [SDP], body: sdp(2) });
  answer.catch(() => {}); // what the other side lacks is told first
  const invite = await to.phone.receive('INVITE');
  to.dialog.target = uriOf(invite.header('Contact') ?? '');
  to.phone.answer(invite, 200, { headers: [['Contact', to.phone.contact()], SDP], body: sdp(2) });
  expect((await answer).status).toBe(200);
  expect((await to.phone.receive('ACK')).header('Call-ID')).toBe(from.dialog.callId);
}

describe.each([{ transports: ['TCP', 'TCP'] }, { transports: ['WS', 'UDP'] }, { transports: ['UDP', 'WS'] }] as const)(
  'in a call between two front ends ($transports.0 and $transports.1)',
  ({ transports }) => {
    beforeEach(() => connect(transports));

    test.each(['INFO', 'UPDATE', 'MESSAGE', 'REFER', 'NOTIFY', 'PRACK'])('%s passes both ways', async (method) => {
      const headers = [['Content-Type', 'text/plain']] as const;
      const got = await says(alice, bob, method, { headers, body: 'from alice' });
      expect(got.body).toBe('from alice');
      expect((await says(bob, alice, method, { headers, body: 'from bob' })).body).toBe('from bob');
    });

    test('either side re-INVITEs, and either side hangs up', async () => {
      await reinvites(alice, bob);
      await reinvites(bob, alice);
      await says(bob, alice, 'BYE');
      await connect(transports);
      await says(alice, bob, 'BYE');
    });

    test.each([
      { caller: 'whose Contact names its instance', named: true },
      { caller: 'whose Contact is an address alone', named: false },
    ])('goes on when both have reconnected to other front ends, for a caller $caller', async ({ named }) => {
      await connect(transports, named);
      await reconnect(alice, 2);
      await reconnect(bob, 0);
      await reinvites(bob, alice);
      await reinvites(alice, bob);
      await says(alice, bob, 'BYE');
    });
  },
);

describe('the tokens of a call', () => {
  beforeEach(() => connect());

  const quiet = async (phone: SipClient) => {
    // What went wrong would have come at once; an OPTIONS takes the same way.
    await phone.exchange({ method: 'OPTIONS', uri: `sip:${DOMAIN}` });
    expect(phone.connection.takeRequests()).toEqual([]);
  };

  test('that were changed reach nobody', async () => {
    const routes = alice.dialog.routes;
    const forge = (value: string) => value.replace(/([A-Za-z0-9_-]{20})[A-Za-z0-9_-]{4}/, '$1AAAA');
    expect(routes.map(forge)).not.toEqual(routes);
    routes.splice(0, routes.length, ...routes.map(forge));
    const { status } = await alice.dialog.exchange('BYE');
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    await quiet(bob.phone);
  });

  test('serve no other call: a stranger cannot use them', async () => {
    const mallory = await party('mallory', 2, 'UDP');
    mallory.dialog = Object.assign(alice.dialog, { client: mallory.phone, callId: 'another-call@client.test' });
    const { status } = await mallory.dialog.exchange('INFO');
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    await quiet(bob.phone);
  });

  test('say neither who calls nor where', () => {
    const shown = alice.dialog.routes.join(' ');
    expect(shown).not.toContain(bob.account.user);
    expect(shown).not.toContain(bob.instance);
    expect(alice.dialog.routes.length).toBeGreaterThan(0);
  });
});

test('reliable provisional responses (RFC 3262) are acknowledged end to end', async () => {
  alice = await party('alice', 0, 'TCP');
  bob = await party('bob', 1, 'TCP');
  const outgoing = alice.phone.invite(`sip:${bob.account.user}@${DOMAIN}`, { supported: '100rel' });
  const invite = await bob.phone.receive('INVITE');
  const reliable = [
    ['Require', '100rel'],
    ['RSeq', '7'],
    ['Contact', bob.phone.contact()],
  ] as const;
  bob.phone.answer(invite, 183, { headers: reliable });
  const progress = await outgoing.provisional(183);
  expect(progress.header('RSeq')).toBe('7');
  alice.dialog = SipDialog.ofCaller(alice.phone, outgoing.request, progress);
  const prack = await says(alice, bob, 'PRACK', { headers: [['RAck', '7 1 INVITE']] });
  expect(prack.header('RAck')).toBe('7 1 INVITE');
  bob.phone.accept(invite);
  await outgoing.answered();
});
