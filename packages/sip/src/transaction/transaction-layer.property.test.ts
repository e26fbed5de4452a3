import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClientTransaction } from './client-transaction.ts';
import { INVITE_CLIENT } from './invite-client.ts';
import { INVITE_SERVER } from './invite-server.ts';
import { NON_INVITE_CLIENT } from './non-invite-client.ts';
import { NON_INVITE_SERVER } from './non-invite-server.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { answer, outgoingRequest, TestClock, TestFlow, testRequest } from './test-bed.ts';
import { TransactionLayer } from './transaction-layer.ts';

const STATES = {
  server: { INVITE: Object.keys(INVITE_SERVER), other: Object.keys(NON_INVITE_SERVER) },
  client: { INVITE: Object.keys(INVITE_CLIENT), other: Object.keys(NON_INVITE_CLIENT) },
};
const STATUSES = [100, 180, 200, 302, 401, 486, 503, 603];
const BRANCHES = ['z9hG4bK1', 'z9hG4bK2', 'old', undefined];

const which = fc.nat(20);
const status = fc.constantFrom(...STATUSES);
const onFlow = fc.nat(2);
const step = fc.oneof(
  fc.record({
    what: fc.constant('receive' as const),
    method: fc.constantFrom('INVITE', 'ACK', 'CANCEL', 'REGISTER'),
    branch: fc.constantFrom(...BRANCHES),
    toTag: fc.constantFrom(undefined, 'b'),
    onFlow,
  }),
  fc.record({ what: fc.constant('respond' as const), stateless: fc.boolean(), which, status }),
  fc.record({ what: fc.constant('request' as const), method: fc.constantFrom('INVITE', 'MESSAGE'), onFlow }),
  fc.record({ what: fc.constant('answered' as const), which, status }),
  fc.record({ what: fc.constant('cancel' as const), which }),
  fc.record({ what: fc.constant('flowClosed' as const), onFlow }),
  fc.record({
    what: fc.constant('advance' as const),
    milliseconds: fc.constantFrom(1, 200, 500, 4_000, 8_000, 32_000),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function run(steps: readonly Step[], answerAtOnce: boolean, maximum: number) {
  const clock = new TestClock();
  const flows = [new TestFlow('UDP'), new TestFlow('TCP'), new TestFlow('TCP', 'another')] as const;
  const servers: ServerTransaction[] = [];
  const clients: ClientTransaction[] = [];
  const ends = new Map<ServerTransaction, number>();
  const layer = new TransactionLayer({
    clock,
    maximum,
    onRequest: (request, transaction) => {
      servers.push(transaction);
      transaction.onEnd = () => ends.set(transaction, (ends.get(transaction) ?? 0) + 1);
      if (answerAtOnce) transaction.respond(answer(request, 200));
    },
  });
  const user = { response() {}, timeout() {}, transportError() {} };
  const take = (each: Step): void => {
    if (each.what === 'receive') layer.receive(testRequest(each.method, each), flows[each.onFlow]!);
    else if (each.what === 'respond') {
      const server = servers[each.which % servers.length];
      server?.[each.stateless ? 'respondStateless' : 'respond'](answer(server.request, each.status));
    } else if (each.what === 'request') {
      clients.push(layer.request(outgoingRequest(each.method), flows[each.onFlow]!, user));
    } else if (each.what === 'answered') {
      const client = clients[each.which % clients.length];
      if (client) layer.receive(answer(client.request, each.status), client.flow);
    } else if (each.what === 'cancel') clients[each.which % clients.length]?.cancel();
    else if (each.what === 'flowClosed') {
      flows[each.onFlow]!.closed = true;
      layer.flowClosed(flows[each.onFlow]!);
    } else clock.advance(each.milliseconds);
  };
  for (const each of steps) {
    take(each);
    for (const { request, state } of servers) {
      expect(STATES.server[request.method === 'INVITE' ? 'INVITE' : 'other']).toContain(state);
    }
    for (const { request, state } of clients) {
      expect(STATES.client[request.method === 'INVITE' ? 'INVITE' : 'other']).toContain(state);
    }
  }
  return { layer, clock, servers, clients, ends };
}

const LONGEST = 15 * 60_000;

test('whatever happens, nothing is left when all timers have run out, and every end is told once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.boolean(),
      fc.constantFrom(3, 1_000),
      async (steps, ...how) => {
        const { layer, clock, servers, clients, ends } = run(steps, ...how);
        await Promise.resolve();
        clock.advance(LONGEST);
        expect([layer.size, clock.pending]).toEqual([0, 0]);
        for (const server of servers) expect(ends.get(server)).toBe(1);
        // One that was accepted is let go of in that state: see accepted-invites.ts.
        for (const client of clients) expect(['terminated', 'accepted']).toContain(client.state);
      },
    ),
    { numRuns: 300 },
  );
});

test('whatever happens, close leaves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, answerAtOnce) => {
      const { layer, clock, servers, ends } = run(steps, answerAtOnce, 1_000);
      layer.close();
      await Promise.resolve();
      expect([layer.size, clock.pending]).toEqual([0, 0]);
      for (const server of servers) expect(ends.get(server)).toBe(1);
    }),
    { numRuns: 100 },
  );
});
