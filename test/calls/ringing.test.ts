import { newBranch, type SipReceived } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN } from '../front-end-pool.ts';
import { openPhone, SDP, sdp } from '../phones.ts';
import { type Calling, expectQuiet, startCalling } from './calling.ts';

let bed: Calling;

beforeAll(async () => {
  bed = await startCalling();
});

afterAll(async () => {
  await bed?.pool.stop();
});

describe('a caller who', () => {
  test('cancels before anything was asked gets 487, and nobody rings on', async () => {
    const { phone, uri } = await bed.callee();
    // It may have been asked and cancelled in time; it does not ring on.
    const [asked, cancelled]: [SipReceived[], SipReceived[]] = [[], []];
    phone.answerEach((request) => {
      if (request.method === 'ACK') return undefined;
      if (request.method === 'INVITE') {
        asked.push(request);
        return { status: 180 };
      }
      cancelled.push(request);
      phone.answer(asked[0]!, 487);
      return { status: 200 };
    });
    const outgoing = bed.call(uri);
    expect((await outgoing.cancel()).status).toBe(200);
    expect((await outgoing.final()).status).toBe(487);
    expect(cancelled.map(({ method }) => method)).toEqual(asked.map(() => 'CANCEL'));
  });

  test('cancels while the back end is asked gets 487, and no phone rings', async () => {
    const { phone, uri } = await bed.callee();
    const stranger = await bed.pool.client({ account: await bed.newAccount('caller'), transport: 'TCP' });
    const held = await bed.pool.hold(stranger.account);
    // The nonce of its credentials waits in the back end.
    const outgoing = stranger.invite(uri);
    await held.awaited();
    const cancelled = outgoing.cancel();
    await held.release();
    expect((await cancelled).status).toBe(200);
    expect((await outgoing.final()).status).toBe(487);
    await expectQuiet(phone);
  });

  test('cancels what is answered already gets 200 for it, and the call stands', async () => {
    const { phone, uri } = await bed.callee();
    const outgoing = bed.call(uri);
    const bob = phone.accept(await phone.receive('INVITE'), { headers: [SDP], body: sdp() });
    await outgoing.answered();
    await phone.receive('ACK');
    expect((await outgoing.cancel()).status).toBe(200);
    await expectQuiet(phone);
    const ended = bob.exchange('BYE');
    bed.alice.answer(await bed.alice.receive('BYE'), 200);
    expect((await ended).status).toBe(200);
  });

  test('cancels as the phone answers has a call: CANCEL and 200 crossed', async () => {
    const { phone, uri } = await bed.callee();
    const outgoing = bed.call(uri);
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
    const { phone, uri } = await bed.callee();
    const answer = await bed.alice.exchange({ method: 'CANCEL', uri, to: `<${uri}>`, branch: newBranch() });
    expect(answer.status).toBe(481);
    await expectQuiet(phone);
  });

  test("cancels another's call by its branch gets 481, and it rings on", async () => {
    const { phone, uri } = await bed.callee();
    const outgoing = bed.call(uri);
    const invite = await phone.receive('INVITE');
    phone.answer(invite, 180);
    await outgoing.provisional(180);
    const mallory = await bed.pool.client({ transport: 'TCP' });
    mallory.connection.send(outgoing.request.replaceAll('INVITE', 'CANCEL'));
    expect((await mallory.connection.next(({ status }) => status >= 200)).status).toBe(481);
    await expectQuiet(phone);
    phone.answer(invite, 486);
    expect((await outgoing.final()).status).toBe(486);
  });

  test('loses the connection while it rings stops the ringing', async () => {
    const { phone, uri } = await bed.callee();
    const caller = await openPhone(bed.pool, await bed.newAccount('caller'));
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
    const { phone, uri } = await bed.callee();
    const account = await bed.newAccount('caller');
    const caller = await openPhone(bed.pool, account, { transport: 'UDP' });
    const outgoing = caller.invite(uri);
    await expect.poll(() => outgoing.request.includes('Proxy-Authorization')).toBe(true);
    for (let times = 0; times < 5; times++) caller.connection.send(outgoing.request);
    const invite = await phone.receive('INVITE');
    for (let times = 0; times < 5; times++) caller.connection.send(outgoing.request);
    phone.answer(invite, 486);
    expect((await outgoing.final()).status).toBe(486);
    await phone.receive('ACK');
    await expectQuiet(phone);
  });
});

describe('a phone that is lost while it rings', () => {
  test.each([{ at: 0 }, { at: 1 }])('at front end $at does not end the call of the other one', async ({ at }) => {
    const account = await bed.newAccount('callee');
    const [lost, other] = [
      await openPhone(bed.pool, account, { frontEnd: bed.frontEnds[at]! }),
      await openPhone(bed.pool, account, { frontEnd: bed.frontEnds[1]! }),
    ];
    const outgoing = bed.call(`sip:${account.user}@${DOMAIN}`);
    const invite = await other.receive('INVITE');
    lost.answer(await lost.receive('INVITE'), 180);
    await outgoing.provisional(180);
    await lost.close();
    other.accept(invite, { headers: [SDP], body: sdp() });
    await outgoing.answered();
    await other.receive('ACK');
  });

  test('as the only one ends the call with 480, at once', async () => {
    const { phone, uri } = await bed.callee();
    const outgoing = bed.call(uri);
    phone.answer(await phone.receive('INVITE'), 180);
    await outgoing.provisional(180);
    await phone.close();
    expect((await outgoing.final(2000)).status).toBe(480);
  });
});
