import { describe, expect, test } from 'vitest';
import { answer, outgoingRequest, startLayer, TestFlow, testRequest, testUser } from './test-bed.ts';

describe('close', () => {
  test('ends everything, stops every timer, and says so', async () => {
    const { layer, clock, transactions } = startLayer();
    const [udp, tcp] = [new TestFlow(), new TestFlow('TCP')];
    const users = [testUser(), testUser(), testUser()] as const;
    const ends: string[] = [];
    layer.receive(testRequest('REGISTER'), udp);
    layer.receive(testRequest('INVITE'), udp);
    layer.receive(testRequest('OPTIONS'), udp);
    for (const transaction of transactions) transaction.onEnd = (end) => ends.push(end);
    transactions[2]!.respond(answer(testRequest('OPTIONS'), 200));
    layer.request(outgoingRequest('MESSAGE'), udp, users[0]);
    const { request } = layer.request(outgoingRequest('INVITE'), tcp, users[1]);
    layer.receive(answer(request, 200), tcp);

    layer.close();
    layer.request(outgoingRequest('MESSAGE'), udp, users[2]);
    layer.receive(testRequest('REGISTER', { branch: 'z9hG4bKlate' }), udp);
    await Promise.resolve();
    expect([layer.size, clock.pending]).toEqual([0, 0]);
    expect(ends).toEqual(['completed', 'closed', 'closed']);
    expect(users.map(({ told }) => told)).toEqual([['transport error'], ['200'], ['transport error']]);
    expect(udp.taken()).toEqual([200, 'MESSAGE']);
  });
});

test('what cannot be matched is counted and handed to onStray', () => {
  const { layer, strays } = startLayer();
  const request = testRequest('REGISTER');
  request.headers.set('Via', 'nonsense');
  layer.receive(request, new TestFlow());
  expect([strays, layer.counts.strays, layer.size]).toEqual([[request], 1, 0]);
});
