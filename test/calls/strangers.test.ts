import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { SipDialog } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN } from '../front-end-pool.ts';
import { SDP, sdp } from '../phones.ts';
import { type Callee, type Calling, expectQuiet, startCalling } from './calling.ts';

let bed: Calling;

beforeAll(async () => {
  bed = await startCalling();
});

afterAll(async () => {
  await bed?.pool.stop();
});

describe('a stranger', () => {
  test('at an internal port gets 403 whatever it asks for, and nobody hears of it', async () => {
    const { phone, uri } = await bed.callee();
    const stranger = await bed.pool.client({ transport: 'TCP' });
    for (const frontEnd of bed.frontEnds) {
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
    await expectQuiet(phone);
  });

  test('who makes up responses to relayed requests reaches no internal connection', async () => {
    const { phone, uri } = await bed.callee();
    const outgoing = bed.call(uri);
    const invite = await phone.receive('INVITE');
    const strays = () => bed.pool.metric('rollcall_sip_dropped_total{reason="stray"}', bed.frontEnds[0]);
    const [here, there] = [
      await strays(),
      () => bed.pool.metric('rollcall_sip_dropped_total{reason="stray"}', bed.frontEnds[1]),
    ];
    const before = await there();
    const mallory = await bed.pool.client({ frontEnd: bed.frontEnds[1]! });
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
    const { phone, uri } = await bed.callee();
    for (const route of ['<sip:elsewhere.example;lr>', '<sip:127.0.0.1:9;lr>', '<sip:elsewhere.example>']) {
      const outgoing = bed.alice.invite(uri, { headers: [['Route', route]] });
      expect((await outgoing.final()).status).toBe(403);
    }
    const many = Array.from({ length: 200 }, () => ['Route', `<sip:${DOMAIN};lr>,<sip:elsewhere.example;lr>`] as const);
    expect((await bed.alice.invite(uri, { headers: many }).final()).status).toBe(403);
    await expectQuiet(phone);
  });
});

describe('the tokens of a call that is over', () => {
  let bob: Callee;
  let dialog: SipDialog;

  beforeAll(async () => {
    bob = await bed.callee();
    const outgoing = bed.call(bob.uri);
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
      const mallory = await bed.pool.client({ transport: 'UDP' });
      const answer = await mallory.exchange({
        ...{ method, uri: dialog.target, to: `<${bob.uri}>`, callId: dialog.callId },
        from: `"Boss" <sip:alice@${DOMAIN}>;tag=new`,
        // Of an event that endpoints know: what the pool knows it answers itself.
        headers: [['Event', 'refer'] as const, ...dialog.routes.map((value) => ['Route', value] as const)],
      });
      expect([403, 407]).toContain(answer.status);
      await expectQuiet(bob.phone);
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
