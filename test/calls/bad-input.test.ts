import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { RunningFrontEnd } from '@rollcall/front-end';
import { newBranch, type SipClient, type SipDialog } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone, SDP, sdp } from '../phones.ts';

let pool: FrontEndPool;
let frontEnds: RunningFrontEnd[];
let alice: SipClient;
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
  frontEnds = [pool.frontEnd, await pool.addFrontEnd()];
  alice = await openPhone(pool, await pool.addAccount('alice'));
});

afterAll(async () => {
  await pool?.stop();
});

/** Somebody with a phone at the second front end, or at the first. */
async function callee(frontEnd = 1) {
  const account = await pool.addAccount(`callee${++made}`);
  const phone = await openPhone(pool, account, { frontEnd: frontEnds[frontEnd]! });
  return { account, phone, uri: `sip:${account.user}@${DOMAIN}` };
}

const call = (uri: string) => alice.invite(uri, { headers: [SDP], body: sdp() });

/** What went wrong would have come at once; an OPTIONS takes the same way. */
async function quiet(phone: SipClient): Promise<void> {
  await phone.exchange({ method: 'OPTIONS', uri: `sip:${DOMAIN}` });
  expect(phone.connection.takeRequests()).toEqual([]);
}

function withMaxForwards(request: string, hops: number): string {
  return request.replace('Max-Forwards: 70', `Max-Forwards: ${hops}`);
}

describe('a request that has gone too far', () => {
  test.each(['INVITE', 'MESSAGE', 'INFO', 'OPTIONS'])('%s with Max-Forwards 0 is told 483', async (method) => {
    const { phone, uri } = await callee();
    const answer = await alice.exchange(withMaxForwards(alice.request({ method, uri, to: `<${uri}>` }), 0));
    expect(answer.status).toBe(483);
    await quiet(phone);
  });

  test('for whose branches no breadth is left is told 440', async () => {
    const { phone, uri } = await callee();
    const outgoing = alice.invite(uri, { headers: [['Max-Breadth', '0']] });
    expect((await outgoing.final()).status).toBe(440);
    await quiet(phone);
  });
});

describe('a caller who', () => {
  test('cancels before anything was asked gets 487, and nobody rings on', async () => {
    const { phone, uri } = await callee();
    const outgoing = call(uri);
    expect((await outgoing.cancel()).status).toBe(200);
    expect((await outgoing.final()).status).toBe(487);
    // It may have been asked and cancelled in time; it does not ring on.
    const asked = phone.connection.takeRequests().filter(({ method }) => method === 'INVITE');
    for (const invite of asked) {
      phone.answer(invite, 487);
      await phone.receive('CANCEL');
    }
  });

  test('cancels while the back end is asked gets 487, and no phone rings', async () => {
    const { account, phone, uri } = await callee();
    const stranger = await pool.client({ account: await pool.addAccount(`caller${++made}`), transport: 'TCP' });
    const held = await pool.hold(stranger.account);
    // The nonce of its credentials waits in the back end.
    const outgoing = stranger.invite(uri);
    await held.awaited();
    const cancelled = outgoing.cancel();
    await held.release();
    expect((await cancelled).status).toBe(200);
    expect((await outgoing.final()).status).toBe(487);
    expect(account.user).toBeDefined();
    await quiet(phone);
  });

  test('cancels what is answered already gets 200 for it, and the call stands', async () => {
    const { phone, uri } = await callee();
    const outgoing = call(uri);
    const bob = phone.accept(await phone.receive('INVITE'), { headers: [SDP], body: sdp() });
    await outgoing.answered();
    await phone.receive('ACK');
    expect((await outgoing.cancel()).status).toBe(200);
    await quiet(phone);
    const ended = bob.exchange('BYE');
    alice.answer(await alice.receive('BYE'), 200);
    expect((await ended).status).toBe(200);
  });

  test('cancels as the phone answers has a call: CANCEL and 200 crossed', async () => {
    const { phone, uri } = await callee();
    const outgoing = call(uri);
    const invite = await phone.receive('INVITE');
    phone.answer(invite, 180);
    await outgoing.provisional(180);
    await outgoing.cancel();
    await phone.receive('CANCEL');
    phone.accept(invite, { headers: [SDP], body: sdp() });
    await outgoing.answered();
    await phone.receive('ACK');
  });

  test('cancels a call that there is not gets 481', async () => {
    const { phone, uri } = await callee();
    const answer = await alice.exchange({ method: 'CANCEL', uri, to: `<${uri}>`, branch: newBranch() });
    expect(answer.status).toBe(481);
    await quiet(phone);
  });

  test("cancels another's call by its branch gets 481, and it rings on", async () => {
    const { phone, uri } = await callee();
    const outgoing = call(uri);
    const invite = await phone.receive('INVITE');
    phone.answer(invite, 180);
    await outgoing.provisional(180);
    const mallory = await pool.client({ transport: 'TCP' });
    mallory.connection.send(outgoing.request.replaceAll('INVITE', 'CANCEL'));
    expect((await mallory.connection.next(({ status }) => status >= 200)).status).toBe(481);
    await quiet(phone);
    phone.answer(invite, 486);
    expect((await outgoing.final()).status).toBe(486);
  });

  test('loses the connection while it rings stops the ringing', async () => {
    const { phone, uri } = await callee();
    const caller = await openPhone(pool, await pool.addAccount(`caller${++made}`));
    const outgoing = caller.invite(uri);
    const invite = await phone.receive('INVITE');
    phone.answer(invite, 180);
    await outgoing.provisional(180);
    await caller.close();
    phone.answer(await phone.receive('CANCEL'), 200);
    phone.answer(invite, 487);
    await phone.receive('ACK');
  });

  test('sends the INVITE again and again makes a phone ring once', async () => {
    const { phone, uri } = await callee();
    const account = await pool.addAccount(`caller${++made}`);
    const caller = await openPhone(pool, account, { transport: 'UDP' });
    const outgoing = caller.invite(uri);
    await expect.poll(() => outgoing.request.includes('Proxy-Authorization')).toBe(true);
    for (let times = 0; times < 5; times++) caller.connection.send(outgoing.request);
    const invite = await phone.receive('INVITE');
    for (let times = 0; times < 5; times++) caller.connection.send(outgoing.request);
    phone.answer(invite, 486);
    expect((await outgoing.final()).status).toBe(486);
    await phone.receive('ACK');
    await quiet(phone);
  });
});

describe('a phone that is lost while it rings', () => {
  test.each([{ at: 0 }, { at: 1 }])('at front end $at does not end the call of the other one', async ({ at }) => {
    const account = await pool.addAccount(`callee${++made}`);
    const [lost, other] = [
      await openPhone(pool, account, { frontEnd: frontEnds[at]! }),
      await openPhone(pool, account, { frontEnd: frontEnds[1]! }),
    ];
    const outgoing = call(`sip:${account.user}@${DOMAIN}`);
    const invite = await other.receive('INVITE');
    lost.answer(await lost.receive('INVITE'), 180);
    await outgoing.provisional(180);
    await lost.close();
    other.accept(invite, { headers: [SDP], body: sdp() });
    await outgoing.answered();
    await other.receive('ACK');
  });

  test('as the only one ends the call with 480, at once', async () => {
    const { phone, uri } = await callee();
    const outgoing = call(uri);
    phone.answer(await phone.receive('INVITE'), 180);
    await outgoing.provisional(180);
    await phone.close();
    expect((await outgoing.final(2000)).status).toBe(480);
  });
});

describe('the tokens of a call that is over', () => {
  let bob: Awaited<ReturnType<typeof callee>>;
  let dialog: SipDialog;

  beforeAll(async () => {
    bob = await callee();
    const outgoing = call(bob.uri);
    bob.phone.accept(await bob.phone.receive('INVITE'), { headers: [SDP], body: sdp() });
    dialog = await outgoing.answered();
    await bob.phone.receive('ACK');
    const ended = dialog.exchange('BYE');
    bob.phone.answer(await bob.phone.receive('BYE'), 200);
    await ended;
  });

  test.each(['INVITE', 'MESSAGE', 'SUBSCRIBE'])(
    'are no way to send %s in the name of another, nor without a password',
    async (method) => {
      const mallory = await pool.client({ transport: 'UDP' });
      const answer = await mallory.exchange({
        ...{ method, uri: dialog.target, to: `<${bob.uri}>`, callId: dialog.callId },
        from: `"Boss" <sip:alice@${DOMAIN}>;tag=new`,
        // Of an event that endpoints know: what the pool knows it answers itself.
        headers: [['Event', 'refer'] as const, ...dialog.routes.map((value) => ['Route', value] as const)],
      });
      expect([403, 407]).toContain(answer.status);
      await quiet(bob.phone);
    },
  );

  test('lead nowhere behind them: a Route to another server is not followed', async () => {
    const elsewhere = createSocket('udp4').bind(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    let came = 0;
    elsewhere.on('message', () => came++);
    const foreign = `<sip:127.0.0.1:${elsewhere.address().port};lr>`;
    dialog.routes.push(foreign);
    const asked = dialog.exchange('INFO');
    bob.phone.answer(await bob.phone.receive('INFO'), 481);
    expect((await asked).status).toBe(481);
    dialog.routes.splice(0, dialog.routes.length, foreign);
    expect((await dialog.exchange('INFO')).status).toBe(403);
    expect(came).toBe(0);
    elsewhere.close();
  });
});

describe('an ACK', () => {
  test('of a challenge goes to no phone, though its sender has proven who it is since', async () => {
    const { phone, uri } = await callee();
    const caller = await pool.client({ account: await pool.addAccount(`caller${++made}`), transport: 'TCP' });
    const branch = newBranch();
    const invite = { method: 'INVITE', uri, to: `<${uri}>`, cseq: 7, branch, callId: `stray${made}` };
    const challenged = await caller.exchange(invite);
    expect(challenged.status).toBe(407);
    expect((await caller.register()).status).toBe(200);
    const to = challenged.header('To') ?? '';
    caller.connection.send(caller.request({ ...invite, method: 'ACK', to }));
    await caller.exchange({ method: 'OPTIONS', uri: `sip:${DOMAIN}` });
    await quiet(phone);
  });

  test('without a Route reaches the phone that is there, though another one has gone', async () => {
    const account = await pool.addAccount(`callee${++made}`);
    const phones = [await openPhone(pool, account), await openPhone(pool, account), await openPhone(pool, account)];
    const outgoing = call(`sip:${account.user}@${DOMAIN}`);
    const invites = await Promise.all(phones.map((phone) => phone.receive('INVITE')));
    const before = await pool.metric('rollcall_tcp_connections');
    await phones[0]!.close();
    await expect.poll(() => pool.metric('rollcall_tcp_connections')).toBe(before - 1);
    phones[1]!.accept(invites[1]!);
    const { status, header } = await outgoing.final();
    expect(status).toBe(200);
    const { callId } = { callId: header('Call-ID') ?? '' };
    const uri = `sip:${account.user}@${DOMAIN}`;
    alice.connection.send(alice.format({ method: 'ACK', uri, to: header('To') ?? '', callId, cseq: alice.cseq }));
    expect((await phones[1]!.receive('ACK')).header('Call-ID')).toBe(callId);
  });
});

describe('a stranger', () => {
  test('at an internal port gets 403 whatever it asks for, and nobody hears of it', async () => {
    const { phone, uri } = await callee();
    const stranger = await pool.client({ transport: 'TCP' });
    for (const frontEnd of frontEnds) {
      const [host, port] = frontEnd.addresses.internal.split(':');
      const socket = connect(Number(port), host);
      await once(socket, 'connect');
      let heard = '';
      socket.on('data', (data) => {
        heard += data;
      });
      for (const method of ['INVITE', 'MESSAGE', 'REGISTER', 'ACK']) {
        socket.write(stranger.request({ method, uri, headers: [['Route', '<sip:flw.AAAA@127.0.0.1;lr>']] }));
      }
      await expect.poll(() => heard.match(/^SIP\/2.0 403/gm)?.length).toBe(3);
      socket.destroy();
    }
    await quiet(phone);
  });

  test('who makes up responses to relayed requests reaches no internal connection', async () => {
    const { phone, uri } = await callee();
    const outgoing = call(uri);
    const invite = await phone.receive('INVITE');
    const strays = () => pool.metric('rollcall_sip_dropped_total{reason="stray"}', frontEnds[0]);
    const [here, there] = [
      await strays(),
      () => pool.metric('rollcall_sip_dropped_total{reason="stray"}', frontEnds[1]),
    ];
    const before = await there();
    const mallory = await pool.client({ frontEnd: frontEnds[1]! });
    for (let id = 0; id < 300; id++) {
      const vias = `Via: SIP/2.0/TCP x;branch=z9hG4bK-relay-tcp-${id}.z9hG4bKaa\r\nVia: SIP/2.0/TCP y;branch=z9hG4bKaa\r\n`;
      const rest = 'From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0';
      mallory.connection.send(`SIP/2.0 200 OK\r\n${vias}${rest}\r\n\r\n`);
    }
    await expect.poll(there).toBe(before + 300);
    expect(await strays()).toBe(here);
    phone.answer(invite, 486);
    expect((await outgoing.final()).status).toBe(486);
  });

  test('who sends to somebody by way of other servers is refused', async () => {
    const { phone, uri } = await callee();
    for (const route of ['<sip:elsewhere.example;lr>', '<sip:127.0.0.1:9;lr>', '<sip:elsewhere.example>']) {
      const outgoing = alice.invite(uri, { headers: [['Route', route]] });
      expect((await outgoing.final()).status).toBe(403);
    }
    const many = Array.from({ length: 200 }, () => ['Route', `<sip:${DOMAIN};lr>,<sip:elsewhere.example;lr>`] as const);
    expect((await alice.invite(uri, { headers: many }).final()).status).toBe(403);
    await quiet(phone);
  });
});

describe('a Request-URI', () => {
  test.each([
    { uri: `sip:${DOMAIN}`, status: 404 },
    { uri: `sip:alice@${DOMAIN}?Subject=x`, status: 400 },
    { uri: `sip:tgruu.AAAAAAAAAAAAAAAAAAAAAAAA@${DOMAIN};gr`, status: 404 },
    { uri: `sip:alice@${DOMAIN};gr=urn:uuid:00000000-0000-1000-8000-000000000bad`, status: 480 },
    { uri: `sip:alice@${DOMAIN};gr=%zz`, status: [400, 480] },
    { uri: 'tel:+4930123456', status: 416 },
    { uri: 'sip:alice@elsewhere.example;maddr=127.0.0.1', status: 403 },
  ])('$uri is told $status', async ({ uri, status }) => {
    const outgoing = alice.invite(uri, { to: '<sip:somebody@example.org>' });
    expect([status].flat()).toContain((await outgoing.final()).status);
  });
});
