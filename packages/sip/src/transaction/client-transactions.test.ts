import { describe, expect, test } from 'vitest';
import type { ClientTransaction } from './client-transaction.ts';
import { answer, outgoingRequest, startLayer, TestFlow, testRequest, testUser } from './test-bed.ts';

describe('a request that we send', () => {
  test('has our Via on top, with rport on UDP only', () => {
    const { layer } = startLayer({ createBranch: () => 'z9hG4bKours' });
    const request = outgoingRequest('MESSAGE', ['Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKtheirs']);
    request.headers.append('Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKtheirs');
    const flows = [new TestFlow(), new TestFlow('TCP'), new TestFlow('TCP', 'six', '2001:db8::9')] as const;
    const vias = flows.map((flow) => {
      layer.request(outgoingRequest('MESSAGE'), flow, testUser());
      return flow.sent[0]!.headers.get('Via');
    });
    expect(vias).toEqual([
      'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKours;rport',
      'SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bKours',
      'SIP/2.0/TCP [2001:db8::9]:5060;branch=z9hG4bKours',
    ]);
    layer.request(request, flows[0], testUser());
    expect(flows[0].sent[1]!.headers.getAll('Via')).toHaveLength(2);
  });

  test('names itself as it is told to', () => {
    const { layer } = startLayer({ sentBy: () => 'pool.example.org:5060' });
    const flow = new TestFlow();
    layer.send(testRequest('ACK'), flow);
    expect(flow.sent[0]!.headers.get('Via')).toMatch(/^SIP\/2\.0\/UDP pool\.example\.org:5060;branch=z9hG4bK/);
    expect(layer.size).toBe(0);
  });

  test('gets its responses, and not those to another branch or method', () => {
    const { layer, strays } = startLayer();
    const flow = new TestFlow('TCP');
    const alice = testUser();
    const { request } = layer.request(outgoingRequest('MESSAGE'), flow, alice);
    const other = outgoingRequest('OPTIONS');
    other.headers.append('Via', request.headers.get('Via')!);
    layer.receive(answer(testRequest('MESSAGE'), 200), flow);
    layer.receive(answer(other, 200), flow);
    expect([alice.told, strays.length]).toEqual([[], 2]);
    layer.receive(answer(request, 100), flow);
    layer.receive(answer(request, 202), flow);
    layer.receive(answer(request, 202), flow);
    expect([alice.told, strays.length, layer.size]).toEqual([['100', '202'], 3, 0]);
  });

  test('is cancelled with the same branch; both get their answers', () => {
    const { layer } = startLayer();
    const flow = new TestFlow('TCP');
    const alice = testUser();
    const { request, branch, cancel } = bound(layer.request(outgoingRequest('INVITE'), flow, alice));
    layer.receive(answer(request, 180), flow);
    cancel();
    expect(flow.taken()).toEqual(['INVITE', 'CANCEL']);
    const cancelRequest = outgoingRequest('CANCEL');
    cancelRequest.headers.append('Via', `SIP/2.0/TCP 192.0.2.9:5060;branch=${branch}`);
    layer.receive(answer(cancelRequest, 200), flow);
    layer.receive(answer(request, 487), flow);
    expect(flow.taken()).toEqual(['ACK']);
    expect([alice.told, layer.size]).toEqual([['180', '487'], 0]);
  });

  test('fails at once when its flow closes, with all others on it and none elsewhere', () => {
    const { layer } = startLayer();
    const [here, elsewhere] = [new TestFlow('TCP'), new TestFlow('TCP', 'elsewhere')];
    const users = [testUser(), testUser(), testUser()] as const;
    layer.request(outgoingRequest('MESSAGE'), here, users[0]);
    layer.request(outgoingRequest('INVITE'), here, users[1]);
    layer.request(outgoingRequest('MESSAGE'), elsewhere, users[2]);
    layer.flowClosed(here);
    expect(users.map(({ told }) => told)).toEqual([['transport error'], ['transport error'], []]);
    expect(layer.size).toBe(1);
  });
});

/** The parts of a client transaction, so that they can be taken apart. */
function bound(transaction: ClientTransaction) {
  const { request, branch } = transaction;
  return { request, branch, cancel: () => transaction.cancel() };
}
