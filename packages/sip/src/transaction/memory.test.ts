import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { answer, outgoingRequest, startLayer, TestFlow, testRequest, testUser } from './test-bed.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Which of `references` are still there, once the turn of the event loop is over and garbage is collected. */
async function kept(references: readonly WeakRef<object>[]): Promise<boolean[]> {
  await new Promise((resolve) => setTimeout(resolve, 10));
  collectGarbage();
  return references.map((reference) => reference.deref() !== undefined);
}

// Each way of ending is a function of its own, so that no variable of the test holds on to the transaction.

function send(method: string, { layer }: ReturnType<typeof startLayer>, flow: TestFlow): WeakRef<object> {
  const transaction = layer.request(outgoingRequest(method), flow, testUser());
  layer.receive(answer(transaction.request, 486), flow);
  return new WeakRef(transaction);
}

function sendAccepted({ layer }: ReturnType<typeof startLayer>, flow: TestFlow): WeakRef<object> {
  const transaction = layer.request(outgoingRequest('INVITE'), flow, testUser());
  layer.receive(answer(transaction.request, 200), flow);
  return new WeakRef(transaction);
}

function serveAccepted({ layer, transactions }: ReturnType<typeof startLayer>, flow: TestFlow): WeakRef<object> {
  layer.receive(testRequest('INVITE'), flow);
  const transaction = transactions.pop()!;
  transaction.respond(answer(transaction.request, 200));
  return new WeakRef<object>(transaction);
}

function serve(method: string, { layer, transactions }: ReturnType<typeof startLayer>, flow: TestFlow) {
  layer.receive(testRequest(method), flow);
  const transaction = transactions.pop()!;
  transaction.respond(answer(transaction.request, 486));
  if (method === 'INVITE') layer.receive(testRequest('ACK'), flow);
  return new WeakRef<object>(transaction);
}

test('transactions that are over are let go, though their connection stays open', async () => {
  const started = startLayer();
  const flow = new TestFlow('TCP');
  const references = [send, serve].flatMap((way) => ['MESSAGE', 'INVITE'].map((method) => way(method, started, flow)));
  expect(await kept(references)).toEqual([false, false, false, false]);
  expect([started.layer.size, flow.closed]).toEqual([0, false]);
});

test('a finished REGISTER of UDP keeps its answer, and not its request', async () => {
  const started = startLayer();
  const flow = new TestFlow();
  expect(await kept([serve('REGISTER', started, flow)])).toEqual([false]);
  started.layer.receive(testRequest('REGISTER'), flow);
  expect(flow.taken()).toEqual([486, 486]);
});

test('of a call that was accepted neither transaction is kept, though further 2xx and ACKs find their way', async () => {
  const started = startLayer();
  const flow = new TestFlow('TCP');
  expect(await kept([sendAccepted(started, flow), serveAccepted(started, flow)])).toEqual([false, false]);
  expect(started.layer.size).toBe(2);
});
