import { describe, expect, test } from 'vitest';
import type { SipRequest, SipResponse } from '../message/index.ts';
import { type Arrow, arrowOf, arrowsOf } from './figure.ts';
import { sendOn } from './flow.ts';
import { NON_INVITE_CLIENT, NonInviteClientTransaction } from './non-invite-client.ts';
import { answer, TestClock, TestFlow, testRequest } from './test-bed.ts';
import { TIMERS } from './timers.ts';
import { TransactionLayer } from './transaction-layer.ts';

type State = keyof typeof NON_INVITE_CLIENT;
const INPUTS = ['provisional', 'final', 'timerE', 'timerF', 'transportError'] as const;
type Input = (typeof INPUTS)[number];

function start(flow = new TestFlow()) {
  const clock = new TestClock();
  const told: string[] = [];
  const request = testRequest('MESSAGE');
  const transaction = new NonInviteClientTransaction(
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
    if (input === 'provisional') transaction.receive(answer(request, 100));
    else if (input === 'final') transaction.receive(answer(request, 200));
    else if (input === 'transportError') transaction.flowClosed(new Error('gone'));
    else transaction.input(input, undefined);
  };
  return { transaction, clock, flow, told, give };
}

const WAY_TO: Record<State, readonly Input[]> = {
  trying: [],
  proceeding: ['provisional'],
  terminated: ['timerF'],
};

// RFC 3261 figure 6, without Completed.
const FIGURE: readonly Arrow<State, Input>[] = [
  ['trying', 'provisional', 'proceeding', [], ['100']],
  ['trying', 'final', 'terminated', [], ['ended', '200']],
  ['trying', 'timerE', 'trying', ['MESSAGE']],
  ['trying', 'timerF', 'terminated', [], ['ended', 'timeout']],
  ['trying', 'transportError', 'terminated', [], ['ended', 'transport error']],
  ['proceeding', 'provisional', 'proceeding', [], ['100']],
  ['proceeding', 'final', 'terminated', [], ['ended', '200']],
  ['proceeding', 'timerE', 'proceeding', ['MESSAGE']],
  ['proceeding', 'timerF', 'terminated', [], ['ended', 'timeout']],
  ['proceeding', 'transportError', 'terminated', [], ['ended', 'transport error']],
];

describe('RFC 3261 figure 6', () => {
  test('has these arrows and no others', () => {
    expect(arrowsOf(NON_INVITE_CLIENT)).toEqual(FIGURE.map(([state, input]) => `${state} ${input}`).sort());
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
        if (next === 'terminated') expect(clock.pending).toBe(0);
      });
    }
  }
});

/** When the request went out, in milliseconds. */
function sends({ clock, flow }: ReturnType<typeof start>, milliseconds: number): number[] {
  const seen: number[] = [];
  for (let passed = 0; passed <= milliseconds; passed += 100) {
    for (const _ of flow.taken()) seen.push(passed);
    clock.advance(100);
  }
  return seen;
}

describe('timers by value', () => {
  test('E: sent again after 500 ms, doubling up to 4 s, until F gives up at 32 s', () => {
    const run = start();
    const at = [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(sends(run, 40_000)).toEqual(at);
    expect(run.told).toEqual(['ended', 'timeout']);
  });

  test('E after a provisional response: every 4 s', () => {
    const run = start();
    run.give('provisional');
    expect(sends(run, 13_000)).toEqual([0, 500, 4_500, 8_500, 12_500]);
  });

  test('F on TCP: sent once, and given up at 32 s', () => {
    const run = start(new TestFlow('TCP'));
    expect(sends(run, 31_800)).toEqual([0]);
    expect(run.told).toEqual([]);
    run.clock.advance(100);
    expect(run.told).toEqual(['ended', 'timeout']);
  });

  test('K: a response that comes again is dropped', () => {
    const run = start();
    run.give('final');
    run.give('final');
    expect(run.told).toEqual(['ended', '200']);
    expect(run.clock.pending).toBe(0);
  });
});

test('a flow that is gone fails the request, but not before its sender has the transaction', async () => {
  const flow = new TestFlow('TCP');
  flow.close();
  const { told, clock } = start(flow);
  expect(told).toEqual([]);
  await Promise.resolve();
  expect(told).toEqual(['ended', 'transport error']);
  expect(clock.pending).toBe(0);
});

test('there is no CANCEL for it', () => {
  const { transaction, told, give } = start();
  give('provisional');
  transaction.cancel();
  expect(told).toEqual(['100']);
});

test('a request that was given as bytes is sent under a Via, sent again as it was, and answered', () => {
  const clock = new TestClock();
  const flow = new TestFlow();
  const told: number[] = [];
  const layer = new TransactionLayer({ clock, onRequest() {} });
  const text = (via: string) => {
    const rest =
      'From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n';
    return Buffer.from(`NOTIFY sip:c@d SIP/2.0\r\nVia: ${via}\r\n${rest}`);
  };
  const user = { response: ({ status }: SipResponse) => told.push(status), timeout() {}, transportError() {} };
  layer.requestBytes('NOTIFY', text, flow, user);
  clock.advance(TIMERS.E);
  const [first, again] = flow.sent as SipRequest[];
  expect(first?.headers.get('Via')).toMatch(/^SIP\/2\.0\/UDP 192\.0\.2\.9:5060;branch=z9hG4bK[0-9a-f]{24};rport$/);
  expect(again?.headers.toText()).toBe(first?.headers.toText());
  layer.receive(answer(first!, 200), flow);
  expect(told).toEqual([200]);
  expect([layer.size, clock.pending]).toEqual([0, 0]);
});
