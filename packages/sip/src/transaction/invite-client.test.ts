import { describe, expect, test } from 'vitest';
import { type Arrow, arrowOf, arrowsOf } from './figure.ts';
import { sendOn } from './flow.ts';
import { INVITE_CLIENT, InviteClientTransaction } from './invite-client.ts';
import { answer, TestClock, TestFlow, testRequest } from './test-bed.ts';
import { TIMERS } from './timers.ts';

type State = keyof typeof INVITE_CLIENT;
const RESPONSES = { provisional: 180, success: 200, failure: 486 } as const;
const TIMER_INPUTS = ['timerA', 'timerB', 'timerC', 'timerD'] as const;
type Input = keyof typeof RESPONSES | 'cancel' | 'transportError' | (typeof TIMER_INPUTS)[number];
const INPUTS = [...Object.keys(RESPONSES), 'cancel', 'transportError', ...TIMER_INPUTS] as Input[];

function start(flow = new TestFlow()) {
  const clock = new TestClock();
  const told: string[] = [];
  const request = testRequest('INVITE');
  const transaction = new InviteClientTransaction(
    request,
    flow,
    'z9hG4bKabc',
    {
      response: ({ status }) => told.push(`${status}`),
      timeout: () => told.push('timeout'),
      transportError: () => told.push('transport error'),
    },
    {
      clock,
      timers: TIMERS,
      send: sendOn,
      sendCancel: () => told.push('CANCEL'),
      accepted: () => told.push('accepted'),
      ended: () => told.push('ended'),
    },
  );
  transaction.start();
  const give = (input: Input) => {
    if (input === 'cancel') transaction.cancel();
    else if (input === 'transportError') transaction.flowClosed(new Error('gone'));
    else if (input in RESPONSES) {
      transaction.receive(answer(request, RESPONSES[input as keyof typeof RESPONSES]));
    } else transaction.input(input as (typeof TIMER_INPUTS)[number], undefined);
  };
  return { transaction, clock, flow, told, give };
}

const WAY_TO: Record<State, readonly Input[]> = {
  calling: [],
  proceeding: ['provisional'],
  accepted: ['success'],
  completed: ['failure'],
  terminated: ['timerB'],
};

// RFC 3261 figure 5, as replaced by RFC 6026 §7.2 (what it has after `accepted` is tested in accepted-invites.test.ts), with CANCEL (§9.1) and timer C (§16.8).
const FIGURE: readonly Arrow<State, Input>[] = [
  ['calling', 'provisional', 'proceeding', [], ['180']],
  ['calling', 'success', 'accepted', [], ['200', 'accepted']],
  ['calling', 'failure', 'completed', ['ACK'], ['486']],
  ['calling', 'cancel', 'calling', []],
  ['calling', 'timerA', 'calling', ['INVITE']],
  ['calling', 'timerB', 'terminated', [], ['ended', 'timeout']],
  ['calling', 'transportError', 'terminated', [], ['ended', 'transport error']],
  ['proceeding', 'provisional', 'proceeding', [], ['180']],
  ['proceeding', 'success', 'accepted', [], ['200', 'accepted']],
  ['proceeding', 'failure', 'completed', ['ACK'], ['486']],
  ['proceeding', 'cancel', 'proceeding', [], ['CANCEL']],
  ['proceeding', 'timerB', 'terminated', [], ['ended', 'timeout']],
  ['proceeding', 'timerC', 'proceeding', [], ['CANCEL']],
  ['proceeding', 'transportError', 'terminated', [], ['ended', 'transport error']],
  ['completed', 'failure', 'completed', ['ACK']],
  ['completed', 'timerD', 'terminated', [], ['ended']],
  ['completed', 'transportError', 'terminated', [], ['ended']],
];

describe('RFC 3261 figure 5 with RFC 6026', () => {
  test('has these arrows and no others', () => {
    expect(arrowsOf(INVITE_CLIENT)).toEqual(FIGURE.map(([state, input]) => `${state} ${input}`).sort());
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

/** When an INVITE went out, in milliseconds. */
function sends({ clock, flow }: ReturnType<typeof start>, milliseconds: number): number[] {
  const seen: number[] = [];
  for (let passed = 0; passed <= milliseconds; passed += 100) {
    for (const _ of flow.taken()) seen.push(passed);
    clock.advance(100);
  }
  return seen;
}

describe('timers by value', () => {
  test('A: sent again after 500 ms, doubling without end, until B gives up at 32 s', () => {
    const run = start();
    expect(sends(run, 40_000)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(run.told).toEqual(['ended', 'timeout']);
  });

  test('B on TCP: sent once, and given up at 32 s', () => {
    const run = start(new TestFlow('TCP'));
    expect(sends(run, 31_800)).toEqual([0]);
    expect(run.told).toEqual([]);
    run.clock.advance(100);
    expect(run.told).toEqual(['ended', 'timeout']);
  });

  test('a provisional response ends both', () => {
    const run = start();
    run.give('provisional');
    run.flow.taken();
    expect(sends(run, 100_000)).toEqual([]);
    expect(run.transaction.state).toBe('proceeding');
  });

  test('C: cancelled after more than three minutes without a word, and given up 32 s later', () => {
    const run = start();
    run.give('provisional');
    run.clock.advance(180_000);
    run.give('provisional');
    run.clock.advance(180_000);
    expect(run.told).toEqual(['180', '180']);
    run.clock.advance(1_000);
    expect(run.told).toEqual(['180', '180', 'CANCEL']);
    run.clock.advance(31_999);
    expect(run.transaction.state).toBe('proceeding');
    run.clock.advance(1);
    expect(run.told.slice(3)).toEqual(['ended', 'timeout']);
  });

  test('D: failures that come again are acknowledged for 32 s; on TCP it is over at once', () => {
    const run = start();
    run.give('failure');
    run.clock.advance(31_999);
    run.flow.taken();
    run.give('failure');
    expect(run.flow.taken()).toEqual(['ACK']);
    run.clock.advance(1);
    expect(run.transaction.state).toBe('terminated');

    const reliable = start(new TestFlow('TCP'));
    reliable.give('failure');
    expect(reliable.told).toEqual(['ended', '486']);
  });
});

describe('cancel', () => {
  test('waits for a provisional response (RFC 3261 §9.1)', () => {
    const run = start();
    run.transaction.cancel();
    run.clock.advance(1_000);
    expect(run.told).toEqual([]);
    run.give('provisional');
    expect(run.told).toEqual(['CANCEL', '180']);
  });

  test('is sent once, and further provisional responses do not give more time', () => {
    const run = start();
    run.give('provisional');
    run.transaction.cancel();
    run.transaction.cancel();
    run.clock.advance(20_000);
    run.give('provisional');
    run.clock.advance(12_000);
    expect(run.told).toEqual(['180', 'CANCEL', '180', 'ended', 'timeout']);
  });

  test('comes too late when there is a final response', () => {
    const run = start();
    run.give('success');
    run.transaction.cancel();
    expect(run.told).toEqual(['200', 'accepted']);
  });
});

test('an ACK that cannot be sent ends the transaction; its user has the answer all the same', () => {
  const flow = new TestFlow('UDP');
  const { told, give, clock } = start(flow);
  flow.close();
  give('failure');
  expect(told).toEqual(['ended', '486']);
  expect(clock.pending).toBe(0);
});
