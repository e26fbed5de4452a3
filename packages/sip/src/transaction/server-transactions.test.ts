import { describe, expect, test, vi } from 'vitest';
import { answer, startLayer, TestFlow, testRequest } from './test-bed.ts';

describe('a REGISTER on UDP', () => {
  test('that comes again while it is worked on is not handled twice', () => {
    const { layer, transactions } = startLayer();
    const flow = new TestFlow();
    layer.receive(testRequest('REGISTER'), flow);
    layer.receive(testRequest('REGISTER'), flow);
    expect(transactions).toHaveLength(1);
    expect(flow.taken()).toEqual([]);
    expect(layer.counts).toEqual({ requests: 1, retransmissions: 1, refused: 0, strays: 0 });
  });

  test('that comes again within 32 s of its answer gets the same answer, to the byte', () => {
    const { layer, clock, transactions } = startLayer();
    const flow = new TestFlow();
    layer.receive(testRequest('REGISTER'), flow);
    transactions[0]!.respond(answer(testRequest('REGISTER'), 200, 'unique'));
    clock.advance(31_999);
    layer.receive(testRequest('REGISTER'), flow);
    expect(flow.sent[1]).toEqual(flow.sent[0]);
    expect(transactions).toHaveLength(1);
  });

  test('is forgotten at the latest 40 s after its answer', () => {
    const { layer, clock, transactions } = startLayer();
    layer.receive(testRequest('REGISTER'), new TestFlow());
    transactions[0]!.respond(answer(testRequest('REGISTER'), 200));
    expect(layer.size).toBe(1);
    clock.advance(40_000);
    expect(layer.size).toBe(0);
    expect(clock.pending).toBe(0);
    layer.receive(testRequest('REGISTER'), new TestFlow());
    expect(transactions).toHaveLength(2);
  });

  test('that is challenged without state may come again with the same branch and CSeq (libpurple)', () => {
    const { layer, transactions } = startLayer();
    const flow = new TestFlow();
    layer.receive(testRequest('REGISTER'), flow);
    transactions[0]!.respondStateless(answer(testRequest('REGISTER'), 401));
    expect(layer.size).toBe(0);
    layer.receive(testRequest('REGISTER', { headers: ['Authorization: Digest username="a"'] }), flow);
    transactions[1]!.respond(answer(testRequest('REGISTER'), 200));
    expect(flow.taken()).toEqual([401, 200]);
  });

  test('of two clients with the same branch and Call-ID is two, by sent-by and by source (libpurple)', () => {
    const { layer, transactions } = startLayer();
    const flows = [new TestFlow(), new TestFlow(), new TestFlow('UDP', 'UDP:198.51.100.1:5060')] as const;
    layer.receive(testRequest('REGISTER'), flows[0]);
    layer.receive(testRequest('REGISTER', { sentBy: '192.0.2.1:5061' }), flows[1]);
    layer.receive(testRequest('REGISTER'), flows[2]);
    for (const transaction of transactions) transaction.respond(answer(transaction.request, 200));
    expect(flows.map((flow) => flow.taken())).toEqual([[200], [200], [200]]);
  });

  test('whose answer comes after the transaction was given up sends nothing', () => {
    const { layer, clock, transactions } = startLayer();
    const flow = new TestFlow();
    const ends: string[] = [];
    layer.receive(testRequest('REGISTER'), flow);
    transactions[0]!.onEnd = (end) => ends.push(end);
    clock.advance(40_000);
    expect(ends).toEqual(['abandoned']);
    transactions[0]!.respond(answer(testRequest('REGISTER'), 200));
    expect(flow.taken()).toEqual([]);
  });
});

test('a request on TCP leaves nothing behind when it is answered', () => {
  const { layer, transactions } = startLayer();
  layer.receive(testRequest('REGISTER'), new TestFlow('TCP'));
  transactions[0]!.respond(answer(testRequest('REGISTER'), 200));
  expect(layer.size).toBe(0);
});

describe('an INVITE', () => {
  test('gets 100 Trying when nobody answers for 200 ms', () => {
    const { layer, clock } = startLayer();
    const flow = new TestFlow();
    layer.receive(testRequest('INVITE'), flow);
    clock.advance(200);
    expect(flow.taken()).toEqual([100]);
  });

  test('that is refused absorbs its ACK; that is accepted passes it to the user', () => {
    const { layer, transactions, acks } = startLayer();
    const flow = new TestFlow();
    layer.receive(testRequest('INVITE'), flow);
    transactions[0]!.respond(answer(testRequest('INVITE'), 486));
    layer.receive(testRequest('ACK', { toTag: 'b' }), flow);
    expect([transactions[0]!.state, acks.length]).toEqual(['confirmed', 0]);

    layer.receive(testRequest('INVITE', { branch: 'z9hG4bK2' }), flow);
    transactions[1]!.respond(answer(testRequest('INVITE'), 200));
    layer.receive(testRequest('ACK', { toTag: 'b', branch: 'z9hG4bK2' }), flow);
    layer.receive(testRequest('ACK', { toTag: 'b', branch: 'z9hG4bK3' }), flow);
    expect(acks).toHaveLength(2);
  });

  test('without branch (pidgin-sipe) is matched with its ACK by our To tag', () => {
    const { layer, transactions, acks } = startLayer();
    const flow = new TestFlow('TCP');
    const old = { branch: undefined };
    layer.receive(testRequest('INVITE', old), flow);
    layer.receive(testRequest('ACK', { ...old, toTag: 'b' }), flow);
    expect([transactions[0]!.state, acks.length]).toEqual(['proceeding', 1]);
    transactions[0]!.respond(answer(testRequest('INVITE', old), 486, 'b'));
    layer.receive(testRequest('ACK', { ...old, toTag: 'other' }), flow);
    expect([transactions[0]!.state, acks.length]).toEqual(['completed', 2]);
    layer.receive(testRequest('ACK', { ...old, toTag: 'b' }), flow);
    expect([transactions[0]!.state, acks.length]).toEqual(['terminated', 2]);
  });

  test('without branch in a dialog is matched with its ACK', () => {
    const { layer, transactions, acks } = startLayer();
    const flow = new TestFlow();
    const old = { branch: undefined, toTag: 'b' };
    layer.receive(testRequest('INVITE', old), flow);
    layer.receive(testRequest('INVITE', old), flow);
    transactions[0]!.respond(answer(testRequest('INVITE', old), 200));
    layer.receive(testRequest('ACK', old), flow);
    expect([transactions.length, acks.length]).toEqual([1, 1]);
  });

  test('is found by its CANCEL, which is a transaction of its own', () => {
    const { layer, transactions } = startLayer();
    const flow = new TestFlow();
    layer.receive(testRequest('INVITE'), flow);
    layer.receive(testRequest('CANCEL'), flow);
    layer.receive(testRequest('CANCEL'), flow);
    layer.receive(testRequest('CANCEL', { branch: 'z9hG4bKother' }), flow);
    expect(transactions).toHaveLength(3);
    expect(layer.cancelled(transactions[1]!)).toBe(transactions[0]);
    expect(layer.cancelled(transactions[2]!)).toBeUndefined();
  });

  test('tells its user when the caller is gone', () => {
    const { layer, transactions } = startLayer();
    const flow = new TestFlow('TCP');
    const told: string[] = [];
    layer.receive(testRequest('INVITE'), flow);
    transactions[0]!.onTransportError = ({ message }) => told.push(message);
    layer.flowClosed(flow);
    expect(told).toEqual(['Flow TCP:192.0.2.1:5060 is closed']);
  });
});

describe('past the maximum', () => {
  test('a new request gets 503 with Retry-After and leaves nothing; what is known goes on', () => {
    const { layer, transactions } = startLayer({ maximum: 1, retryAfter: () => 7 });
    const flow = new TestFlow();
    const late = testRequest('REGISTER', { branch: 'z9hG4bKlate' });
    layer.receive(testRequest('REGISTER'), flow);
    layer.receive(late, flow);
    layer.receive(testRequest('REGISTER'), flow);
    expect([transactions.length, layer.size, layer.counts.refused]).toEqual([1, 1, 1]);
    const refusal = flow.sent[0]!;
    expect(refusal).toMatchObject({ status: 503 });
    expect(refusal.headers.get('Retry-After')).toBe('7');
    expect(refusal.headers.get('To')).toMatch(/;tag=\w+$/);
    // RFC 3261 §8.2.7: the same request, the same answer.
    layer.receive(late, flow);
    expect(flow.sent[1]).toEqual(refusal);
  });

  test('another process refuses the same request with the same tag, and another request with another', async () => {
    vi.resetModules();
    const elsewhere = await import('./test-bed.ts');
    const refuse = (bed: Pick<typeof elsewhere, 'startLayer' | 'testRequest' | 'TestFlow'>, branch: string) => {
      const flow = new bed.TestFlow();
      bed.startLayer({ maximum: 0 }).layer.receive(bed.testRequest('REGISTER', { branch }), flow);
      return flow.sent[0]!.headers.get('To');
    };
    const here = refuse({ startLayer, testRequest, TestFlow }, 'z9hG4bKa');
    expect(refuse(elsewhere, 'z9hG4bKa')).toBe(here);
    expect(refuse(elsewhere, 'z9hG4bKb')).not.toBe(here);
  });

  test('finished transactions count as long as they are remembered', () => {
    const { layer, clock, transactions } = startLayer({ maximum: 1 });
    const flow = new TestFlow();
    layer.receive(testRequest('REGISTER'), flow);
    transactions[0]!.respond(answer(testRequest('REGISTER'), 200));
    layer.receive(testRequest('OPTIONS'), flow);
    clock.advance(40_000);
    layer.receive(testRequest('OPTIONS'), flow);
    expect(flow.taken()).toEqual([200, 503]);
    expect(transactions).toHaveLength(2);
  });

  test('the default spreads Retry-After over 5 to 14 seconds', () => {
    const { layer } = startLayer({ maximum: 0 });
    const flow = new TestFlow();
    for (let count = 0; count < 200; count++) layer.receive(testRequest('OPTIONS'), flow);
    const seconds = new Set(flow.sent.map(({ headers }) => Number(headers.get('Retry-After'))));
    expect([Math.min(...seconds), Math.max(...seconds)]).toEqual([5, 14]);
  });
});
