import { describe, expect, test } from 'vitest';
import { AcceptedInvites } from './accepted-invites.ts';
import { answer, outgoingRequest, startLayer, TestClock, TestFlow, testRequest, testUser } from './test-bed.ts';

// RFC 6026 §7.1, §7.2. Timers L and M are 32 s; what is kept is dropped with others of its time, 8 s later at most.
describe.each(['UDP', 'TCP'] as const)('an INVITE that was accepted, on %s', (transport) => {
  const serve = () => {
    const started = startLayer();
    const flow = new TestFlow(transport);
    // So that it was not accepted right after a rotation.
    started.layer.receive(testRequest('INVITE', { branch: 'z9hG4bKearlier' }), flow);
    started.transactions[0]!.respond(answer(testRequest('INVITE'), 200));
    started.clock.advance(5_000);
    started.layer.receive(testRequest('INVITE'), flow);
    started.transactions[1]!.respond(answer(testRequest('INVITE'), 200));
    flow.taken();
    return { ...started, flow };
  };
  const send = () => {
    const started = startLayer();
    const flow = new TestFlow(transport);
    const user = testUser();
    const { request } = started.layer.request(outgoingRequest('INVITE'), flow, user);
    started.layer.receive(answer(request, 200), flow);
    flow.taken();
    return { ...started, flow, user, request };
  };

  test('L: is absorbed for 32 s when it comes again, and its ACKs go to the user', () => {
    const { layer, clock, transactions, acks, flow } = serve();
    clock.advance(31_999);
    layer.receive(testRequest('INVITE'), flow);
    layer.receive(testRequest('ACK'), flow);
    layer.receive(testRequest('ACK'), flow);
    expect([transactions.length, acks.length, flow.taken()]).toEqual([2, 2, []]);
    expect(layer.counts.retransmissions).toBe(1);
  });

  test('L: is a new one after 40 s', () => {
    const { layer, clock, transactions, flow } = serve();
    clock.advance(40_000);
    expect([layer.size, clock.pending]).toEqual([0, 0]);
    layer.receive(testRequest('INVITE'), flow);
    expect(transactions).toHaveLength(3);
  });

  test('L: comes too late to be cancelled, which is no reason for a 481', () => {
    const { layer, transactions, flow } = serve();
    layer.receive(testRequest('CANCEL'), flow);
    const cancelled = layer.cancelled(transactions[2]!);
    expect(cancelled).toBeDefined();
    expect(cancelled?.onCancel).toBeUndefined();
  });

  test('L: each further 2xx of its user is sent', () => {
    const { transactions, flow } = serve();
    transactions[1]!.respond(answer(testRequest('INVITE'), 200, 'another'));
    expect(flow.taken()).toEqual([200]);
  });

  test('M: passes each further 2xx on for 32 s, and nothing else', () => {
    const { layer, clock, flow, user, request, strays } = send();
    clock.advance(31_999);
    for (const status of [180, 200, 486]) layer.receive(answer(request, status), flow);
    expect(user.told).toEqual(['200', '200']);
    expect(strays).toEqual([]);
  });

  test('M: a 2xx after 40 s belongs to nothing', () => {
    const { layer, clock, flow, user, request, strays } = send();
    clock.advance(40_000);
    expect([layer.size, clock.pending]).toEqual([0, 0]);
    layer.receive(answer(request, 200), flow);
    expect([user.told, strays.length]).toEqual([['200'], 1]);
  });

  test('a connection that is gone changes nothing for its user', () => {
    const { layer, flow, user } = send();
    layer.flowClosed(flow);
    expect(user.told).toEqual(['200']);
  });
});

test('entries are kept for one to one and a quarter of the timer, whenever they come', () => {
  const clock = new TestClock();
  const accepted = new AcceptedInvites<number>(clock, 400);
  for (let at = 0; at < 2_000; at += 10) {
    accepted.add(at, at);
    for (let before = 0; before <= at; before += 10) {
      const age = at - before;
      if (age < 400) expect(accepted.get(before)).toBe(before);
      if (age > 500) expect(accepted.get(before)).toBeUndefined();
    }
    clock.advance(10);
  }
});
