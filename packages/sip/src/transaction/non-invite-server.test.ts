import { describe, expect, test } from 'vitest';
import { type Arrow, arrowOf, arrowsOf } from './figure.ts';
import { NON_INVITE_SERVER, NonInviteServerTransaction } from './non-invite-server.ts';
import type { ServerTransactionHost } from './server-transaction.ts';
import { answer, TestClock, TestFlow, testRequest } from './test-bed.ts';
import { TIMERS } from './timers.ts';

type State = keyof typeof NON_INVITE_SERVER;
const INPUTS = ['request', 'provisional', 'final', 'stateless', 'abandoned', 'closed'] as const;
type Input = (typeof INPUTS)[number];

function start(flow = new TestFlow()) {
  const told: string[] = [];
  const host: ServerTransactionHost = {
    clock: new TestClock(),
    timers: TIMERS,
    generation: 0,
    accepted: () => told.push('accepted'),
    keep: (key, response) => told.push(`keep ${key} ${response.toString().slice(8, 11)}`),
    ended: () => told.push('ended'),
  };
  const request = testRequest('REGISTER');
  const transaction = new NonInviteServerTransaction(request, flow, 7, host);
  transaction.onEnd = (end) => told.push(end);
  transaction.onTransportError = () => told.push('transport error');
  const give = (input: Input) => {
    if (input === 'provisional') transaction.respond(answer(request, 183));
    else if (input === 'final') transaction.respond(answer(request, 200));
    else if (input === 'stateless') transaction.respondStateless(answer(request, 401));
    else if (input === 'request') transaction.receiveAgain();
    else transaction.input(input, undefined);
  };
  return { transaction, host, flow, told, give };
}

const WAY_TO: Record<State, readonly Input[]> = {
  trying: [],
  proceeding: ['provisional'],
  completed: ['final'],
  terminated: ['stateless'],
};

// RFC 3261 figure 8, with the ways out that it does not show.
const FIGURE: readonly Arrow<State, Input>[] = [
  ['trying', 'provisional', 'proceeding', [183]],
  ['trying', 'final', 'completed', [200], ['keep 7 200', 'ended', 'completed']],
  ['trying', 'stateless', 'terminated', [401], ['ended', 'stateless']],
  ['trying', 'abandoned', 'terminated', [], ['ended', 'abandoned']],
  ['trying', 'closed', 'terminated', [], ['ended', 'closed']],
  ['proceeding', 'request', 'proceeding', [183]],
  ['proceeding', 'provisional', 'proceeding', [183]],
  ['proceeding', 'final', 'completed', [200], ['keep 7 200', 'ended', 'completed']],
  ['proceeding', 'stateless', 'terminated', [401], ['ended', 'stateless']],
  ['proceeding', 'abandoned', 'terminated', [], ['ended', 'abandoned']],
  ['proceeding', 'closed', 'terminated', [], ['ended', 'closed']],
];

describe('RFC 3261 figure 8', () => {
  test('has these arrows and no others', () => {
    expect(arrowsOf(NON_INVITE_SERVER)).toEqual(FIGURE.map(([state, input]) => `${state} ${input}`).sort());
  });

  for (const state of Object.keys(WAY_TO) as State[]) {
    for (const input of INPUTS) {
      const { next, sent, told } = arrowOf(FIGURE, state, input);
      test(`${state}: ${input} → ${next}`, () => {
        const { transaction, flow, told: heard, give } = start();
        for (const step of WAY_TO[state]) give(step);
        flow.taken();
        heard.length = 0;
        give(input);
        expect(transaction.state).toBe(next);
        expect(flow.taken()).toEqual(sent);
        expect(heard).toEqual(told);
      });
    }
  }
});

test('on TCP timer J is 0: nothing is kept', () => {
  const { told, give } = start(new TestFlow('TCP'));
  give('final');
  expect(told).toEqual(['ended', 'completed']);
});

test('a response on a flow that is gone, or fails, tells the user and completes', () => {
  const closed = new TestFlow('TCP');
  closed.close();
  const failing = new TestFlow('UDP');
  failing.send = () => {
    throw new Error('no route');
  };
  for (const flow of [closed, failing]) {
    const { told, give, transaction } = start(flow);
    give('final');
    expect(told).toContain('transport error');
    expect(transaction.state).toBe('completed');
  }
});

test('a request that nobody answers is given up after timer J, five generations on', () => {
  const { host, told, transaction } = start();
  const generation = { now: 0 };
  Object.defineProperty(host, 'generation', { get: () => generation.now });
  for (generation.now = 0; generation.now <= 4; generation.now++) transaction.sweep({ nonInvite: 4, invite: 30 });
  expect(told).toEqual([]);
  transaction.sweep({ nonInvite: 4, invite: 30 });
  expect(told).toEqual(['ended', 'abandoned']);
});
