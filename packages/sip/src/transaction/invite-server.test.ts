import { describe, expect, test } from 'vitest';
import type { SipResponse } from '../message/index.ts';
import { type Arrow, arrowOf, arrowsOf } from './figure.ts';
import { INVITE_SERVER, InviteServerTransaction } from './invite-server.ts';
import type { ServerTransactionHost } from './server-transaction.ts';
import { answer, TestClock, TestFlow, testRequest } from './test-bed.ts';
import { TIMERS } from './timers.ts';

type State = keyof typeof INVITE_SERVER;
const RESPONSES = { provisional: 180, success: 200, failure: 486, stateless: 401 } as const;
const TIMER_INPUTS = ['trying', 'timerG', 'timerH', 'timerI', 'abandoned', 'closed'] as const;
const INPUTS = ['invite', 'ack', 'transportError', ...Object.keys(RESPONSES), ...TIMER_INPUTS] as Input[];
type Input = 'invite' | 'ack' | 'transportError' | keyof typeof RESPONSES | (typeof TIMER_INPUTS)[number];

function start(flow = new TestFlow()) {
  const clock = new TestClock();
  const told: string[] = [];
  const host: ServerTransactionHost = {
    clock,
    timers: TIMERS,
    generation: 0,
    accepted: () => told.push('accepted'),
    keep: () => told.push('keep'),
    ended: () => told.push('ended'),
  };
  const request = testRequest('INVITE');
  const transaction = new InviteServerTransaction(request, flow, 7, host);
  transaction.onEnd = (end) => told.push(end);
  transaction.onTransportError = () => told.push('transport error');
  const give = (input: Input) => {
    if (input === 'invite') transaction.receiveAgain();
    else if (input === 'ack') transaction.receiveAck(testRequest('ACK'));
    else if (input === 'transportError') transaction.input(input, new Error('gone'));
    else if (input === 'stateless') transaction.respondStateless(answer(request, 401));
    else if (input in RESPONSES) transaction.respond(response(RESPONSES[input as keyof typeof RESPONSES]));
    else transaction.input(input as (typeof TIMER_INPUTS)[number], undefined);
  };
  const response = (status: number): SipResponse => answer(request, status);
  return { transaction, clock, flow, told, give };
}

const WAY_TO: Record<State, readonly Input[]> = {
  proceeding: ['provisional'],
  accepted: ['success'],
  completed: ['failure'],
  confirmed: ['failure', 'ack'],
  terminated: ['stateless'],
};

// RFC 3261 figure 7, as replaced by RFC 6026 §7.1 (what it has after `accepted` is tested in accepted-invites.test.ts), with the ways out that it does not show.
const FIGURE: readonly Arrow<State, Input>[] = [
  ['proceeding', 'invite', 'proceeding', [180]],
  ['proceeding', 'provisional', 'proceeding', [180]],
  ['proceeding', 'success', 'accepted', [200], ['accepted', 'completed']],
  ['proceeding', 'failure', 'completed', [486]],
  ['proceeding', 'stateless', 'terminated', [401], ['ended', 'stateless']],
  ['proceeding', 'trying', 'proceeding', [100]],
  ['proceeding', 'transportError', 'proceeding', [], ['transport error']],
  ['proceeding', 'abandoned', 'terminated', [], ['ended', 'abandoned']],
  ['proceeding', 'closed', 'terminated', [], ['ended', 'closed']],
  ['accepted', 'success', 'accepted', [200]],
  ['accepted', 'transportError', 'accepted', [], ['transport error']],
  ['completed', 'invite', 'completed', [486]],
  ['completed', 'ack', 'confirmed', []],
  ['completed', 'timerG', 'completed', [486]],
  ['completed', 'timerH', 'terminated', [], ['ended', 'unacknowledged']],
  ['completed', 'transportError', 'completed', [], ['transport error']],
  ['completed', 'closed', 'terminated', [], ['ended', 'closed']],
  ['confirmed', 'timerI', 'terminated', [], ['ended', 'completed']],
  ['confirmed', 'closed', 'terminated', [], ['ended', 'closed']],
];

describe('RFC 3261 figure 7 with RFC 6026', () => {
  test('has these arrows and no others', () => {
    expect(arrowsOf(INVITE_SERVER)).toEqual(FIGURE.map(([state, input]) => `${state} ${input}`).sort());
  });

  for (const state of Object.keys(WAY_TO) as State[]) {
    for (const input of INPUTS) {
      const { next, sent, told } = arrowOf(FIGURE, state, input);
      test(`${state}: ${input} → ${next}`, () => {
        const { transaction, clock, flow, told: heard, give } = start();
        for (const step of WAY_TO[state]) give(step);
        flow.taken();
        heard.length = 0;
        give(input);
        expect(transaction.state).toBe(next);
        expect(flow.taken()).toEqual(sent);
        expect(heard).toEqual(told);
        if (next === 'terminated' || next === 'accepted') expect(clock.pending).toBe(0);
      });
    }
  }
});

/** When what was sent, in milliseconds. */
function sends(run: ReturnType<typeof start>, milliseconds: number): [at: number, sent: number | string][] {
  const seen: [number, number | string][] = [];
  for (let passed = 0; passed < milliseconds; passed += 100) {
    run.clock.advance(100);
    for (const sent of run.flow.taken()) seen.push([passed + 100, sent]);
  }
  return seen;
}

describe('timers by value', () => {
  test('100 Trying goes out by itself after 200 ms, once', () => {
    const run = start();
    run.transaction.startTrying();
    expect(sends(run, 5_000)).toEqual([[200, 100]]);
    run.give('invite');
    expect(run.flow.taken()).toEqual([100]);
  });

  test('no 100 when the user has answered by then', () => {
    const run = start();
    run.transaction.startTrying();
    run.give('provisional');
    run.flow.taken();
    expect(sends(run, 5_000)).toEqual([]);
  });

  test('an INVITE that came again before any answer gets none', () => {
    const run = start();
    run.give('invite');
    expect(run.flow.taken()).toEqual([]);
  });

  test('G: a failure is sent again after 500 ms, doubling up to 4 s, until H gives up at 32 s', () => {
    const run = start();
    run.give('failure');
    run.flow.taken();
    const at = [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(sends(run, 40_000)).toEqual(at.map((time) => [time, 486]));
    expect(run.told).toEqual(['ended', 'unacknowledged']);
  });

  test('H on TCP: nothing is sent again, and it gives up at 32 s', () => {
    const run = start(new TestFlow('TCP'));
    run.give('failure');
    run.flow.taken();
    expect(sends(run, 31_900)).toEqual([]);
    expect(run.told).toEqual([]);
    run.clock.advance(100);
    expect(run.told).toEqual(['ended', 'unacknowledged']);
  });

  test('I: 5 s after the ACK it is over; at once on TCP', () => {
    const run = start();
    run.give('failure');
    run.give('ack');
    run.clock.advance(4_999);
    expect(run.transaction.state).toBe('confirmed');
    run.clock.advance(1);
    expect(run.transaction.state).toBe('terminated');

    const reliable = start(new TestFlow('TCP'));
    reliable.give('failure');
    reliable.give('ack');
    expect(reliable.transaction.state).toBe('terminated');
  });
});

test('an INVITE is given up when its user has been silent for long; each answer gives more time', () => {
  const { transaction, told, give } = start();
  const generation = { now: 0 };
  Object.defineProperty(transaction.host, 'generation', { get: () => generation.now });
  const sweep = () => transaction.sweep({ nonInvite: 4, invite: 30 });
  generation.now = 30;
  give('provisional');
  generation.now = 60;
  sweep();
  expect(told).toEqual([]);
  generation.now = 61;
  sweep();
  expect(told).toEqual(['ended', 'abandoned']);
});

test('a response on a flow that is gone tells the user, and the transaction goes on', () => {
  const flow = new TestFlow('TCP');
  flow.close();
  const { transaction, told, give } = start(flow);
  give('success');
  expect(told).toEqual(['transport error', 'accepted', 'completed']);
  expect(transaction.state).toBe('accepted');
});
