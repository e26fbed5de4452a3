import { newBranch } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';
import { type Calling, expectQuiet, startCalling } from './calling.ts';

let bed: Calling;

beforeAll(async () => {
  bed = await startCalling();
});

afterAll(async () => {
  await bed?.pool.stop();
});

function withMaxForwards(request: string, hops: number): string {
  return request.replace('Max-Forwards: 70', `Max-Forwards: ${hops}`);
}

describe('a request that has gone too far', () => {
  test.each(['INVITE', 'MESSAGE', 'INFO', 'OPTIONS'])('%s with Max-Forwards 0 is told 483', async (method) => {
    const { phone, uri } = await bed.callee();
    const answer = await bed.alice.exchange(withMaxForwards(bed.alice.request({ method, uri, to: `<${uri}>` }), 0));
    expect(answer.status).toBe(483);
    await expectQuiet(phone);
  });

  test('for whose branches no breadth is left is told 440', async () => {
    const { phone, uri } = await bed.callee();
    const outgoing = bed.alice.invite(uri, { headers: [['Max-Breadth', '0']] });
    expect((await outgoing.final()).status).toBe(440);
    await expectQuiet(phone);
  });
});

describe('an ACK', () => {
  test('of a challenge goes to no phone, though its sender has proven who it is since', async () => {
    const { phone, uri } = await bed.callee();
    const caller = await bed.pool.client({ account: await bed.newAccount('caller'), transport: 'TCP' });
    const branch = newBranch();
    const invite = { method: 'INVITE', uri, to: `<${uri}>`, cseq: 7, branch, callId: 'stray' };
    const challenged = await caller.exchange(invite);
    expect(challenged.status).toBe(407);
    expect((await caller.register()).status).toBe(200);
    const to = challenged.header('To') ?? '';
    caller.connection.send(caller.request({ ...invite, method: 'ACK', to }));
    await caller.exchange({ method: 'OPTIONS', uri: `sip:${DOMAIN}` });
    await expectQuiet(phone);
  });

  test('without a Route reaches the phone that is there, though another one has gone', async () => {
    const account = await bed.newAccount('callee');
    const phones = [
      await openPhone(bed.pool, account),
      await openPhone(bed.pool, account),
      await openPhone(bed.pool, account),
    ];
    const outgoing = bed.call(`sip:${account.user}@${DOMAIN}`);
    const invites = await Promise.all(phones.map((phone) => phone.receive('INVITE')));
    const before = await bed.pool.metric('rollcall_tcp_connections');
    await phones[0]!.close();
    await expect.poll(() => bed.pool.metric('rollcall_tcp_connections')).toBe(before - 1);
    phones[1]!.accept(invites[1]!);
    const { status, header } = await outgoing.final();
    expect(status).toBe(200);
    const { callId } = { callId: header('Call-ID') ?? '' };
    const uri = `sip:${account.user}@${DOMAIN}`;
    bed.alice.connection.send(
      bed.alice.format({ method: 'ACK', uri, to: header('To') ?? '', callId, cseq: bed.alice.cseq }),
    );
    expect((await phones[1]!.receive('ACK')).header('Call-ID')).toBe(callId);
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
    const outgoing = bed.alice.invite(uri, { to: '<sip:somebody@example.org>' });
    expect([status].flat()).toContain((await outgoing.final()).status);
  });
});
