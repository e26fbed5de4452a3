import { beforeEach, expect, it } from 'vitest';
import type { SipRequest } from '../message/index.ts';
import type { ClientTransactionUser } from '../transaction/index.ts';
import { answer, startLayer, TestClock, TestFlow, testRequest } from '../transaction/test-bed.ts';
import { Fork } from './fork.ts';
import { forwardedRequest } from './forwarded-request.ts';

// A fork between real transactions, as a proxy ties them together.
const clock = new TestClock();
let caller: TestFlow;
let phones: [TestFlow, TestFlow];
let proxy: ReturnType<typeof startProxy>;

function startProxy() {
  let fork: Fork | undefined;
  const { layer } = startLayer({
    clock,
    onRequest: (request, transaction) => {
      if (request.method === 'CANCEL') {
        transaction.respond(answer(request, layer.cancelled(transaction) ? 200 : 481));
        fork?.cancel();
        return;
      }
      const targets = phones.map((flow) => ({
        q: 1000,
        start: (user: ClientTransactionUser) => layer.request(forwardedRequest(request), flow, user),
      }));
      fork = new Fork({ request, targets, respond: (response) => transaction.respond(response) });
      fork.start();
    },
  });
  return layer;
}

beforeEach(() => {
  caller = new TestFlow('TCP', 'caller');
  phones = [new TestFlow('UDP', 'a'), new TestFlow('TCP', 'b')];
  proxy = startProxy();
  proxy.receive(testRequest('INVITE'), caller);
});

function says(phone: TestFlow, status: number): void {
  const invite = phone.sent.find((message) => message.kind === 'request' && message.method === 'INVITE') as SipRequest;
  proxy.receive(answer(invite, status, phone.id), phone);
}

function sent(flow: TestFlow): (number | string)[] {
  return flow.sent.map((message) => (message.kind === 'request' ? message.method : message.status));
}

it('connects the one who picks up, cancels the other when that one may be, and leaves nothing behind', () => {
  const [a, b] = phones;
  says(b, 180);
  says(b, 200);
  expect(sent(caller)).toEqual([180, 200]);
  // RFC 3261 §9.1: not before a provisional response.
  expect(sent(a)).toEqual(['INVITE']);
  says(a, 180);
  expect(sent(a)).toEqual(['INVITE', 'CANCEL']);
  says(a, 487);
  expect(sent(a)).toEqual(['INVITE', 'CANCEL', 'ACK']);
  says(b, 200);
  expect(sent(caller)).toEqual([180, 200, 200]);
  clock.advance(400_000);
  expect([proxy.size, clock.pending]).toEqual([0, 0]);
});

it('answers 487 to a caller who hangs up while one rings and the other is dead', () => {
  const [a, b] = phones;
  says(a, 180);
  proxy.receive(testRequest('CANCEL'), caller);
  says(a, 487);
  expect(sent(caller)).toEqual([180, 200]);
  clock.advance(64 * 500);
  expect(sent(caller)).toEqual([180, 200, 487]);
  expect(sent(b)).not.toContain('CANCEL');
  proxy.receive(testRequest('ACK', { toTag: 'a' }), caller);
  clock.advance(400_000);
  expect([proxy.size, clock.pending]).toEqual([0, 0]);
});

it('connects a phone that picked up while it was being cancelled', () => {
  const [a, b] = phones;
  says(a, 180);
  proxy.receive(testRequest('CANCEL'), caller);
  says(a, 200);
  says(b, 180);
  says(b, 487);
  expect(sent(caller)).toEqual([180, 200, 200]);
});

it('fails only the branch whose connection is lost', () => {
  const [a, b] = phones;
  proxy.flowClosed(b);
  says(a, 486);
  expect(sent(caller)).toEqual([486]);
});

it('answers when nobody does, and forgets all', () => {
  clock.advance(64 * 500);
  expect(sent(caller)).toEqual([100, 408]);
  proxy.receive(testRequest('ACK', { toTag: 'x' }), caller);
  clock.advance(400_000);
  expect([proxy.size, clock.pending]).toEqual([0, 0]);
});
