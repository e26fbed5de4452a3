import { describe, expect, it } from 'vitest';
import { seconds } from '../message/index.ts';
import { startFork, TestTarget } from './fork-test-bed.ts';

describe('groups of targets', () => {
  it('ring one after another by q, in parallel within one', () => {
    const [low, high, other] = [new TestTarget('low', 100), new TestTarget('high', 900), new TestTarget('other', 900)];
    const { fork, told } = startFork([low, high, other]);
    fork.start();
    expect([low.started, high.started, other.started]).toEqual([false, true, true]);
    high.answers(486);
    expect(low.started).toBe(false);
    other.user!.timeout();
    expect(low.started).toBe(true);
    low.answers(200);
    expect(told).toEqual(['200 low', 'done']);
  });

  it.each([200, 603])('end with a %i', (status) => {
    const [low, high] = [new TestTarget('low', 100), new TestTarget('high', 900)];
    const { fork, told } = startFork([low, high]);
    fork.start();
    high.answers(status);
    expect(low.started).toBe(false);
    expect(told).toEqual([`${status} high`, 'done']);
  });

  it('end when the caller hangs up', () => {
    const [low, high] = [new TestTarget('low', 100), new TestTarget('high', 900)];
    const { fork, told } = startFork([low, high]);
    fork.start();
    fork.cancel();
    high.answers(487);
    expect(low.started).toBe(false);
    expect(told).toEqual(['487 high', 'done']);
  });

  it('are one when all are asked at once', () => {
    const targets = [new TestTarget('a', 100), new TestTarget('b', 900)];
    startFork(targets, { method: 'MESSAGE', parallel: true }).fork.start();
    expect(targets.map(({ started }) => started)).toEqual([true, true]);
  });
});

describe('a branch that speaks while it is being started', () => {
  it('fails like a flow that is gone when it throws, and spoils nothing', () => {
    const a = new TestTarget('a', 1000, () => {
      throw new Error('no such flow');
    });
    const b = new TestTarget('b');
    const { fork, told } = startFork([a, b]);
    fork.start();
    expect(fork.outcomes.map(({ local }) => local)).toEqual(['transport']);
    b.answers(200);
    expect(told).toEqual(['200 b', 'done']);
  });

  it('fails at once, and the rest of its group is asked before the next group', () => {
    const order: string[] = [];
    const fails = (target: TestTarget) => {
      order.push(target.name);
      target.user!.transportError(new Error('gone'));
    };
    const { fork, told } = startFork([
      new TestTarget('low', 1, fails),
      new TestTarget('a', 2, fails),
      new TestTarget('b', 2, fails),
    ]);
    fork.start();
    expect(order).toEqual(['a', 'b', 'low']);
    expect(told).toEqual(['480 here', 'done']);
  });

  it('answers at once, and nobody else is asked', () => {
    const b = new TestTarget('b');
    const { fork, told } = startFork([new TestTarget('a', 1000, (target) => target.answers(200)), b]);
    fork.start();
    expect(told).toEqual(['200 a', 'done']);
    expect(b.started).toBe(false);
  });

  it('is cancelled when the caller hangs up in that moment', () => {
    const a = new TestTarget('a', 1000, (target) => target.answers(180));
    const { fork } = startFork([a], { respond: () => fork.cancel() });
    fork.start();
    expect(a.cancels).toBe(1);
  });
});

describe('a request that is no INVITE', () => {
  it('gets the first 2xx, and nothing that rings or comes later', () => {
    const [a, b] = [new TestTarget('a'), new TestTarget('b')];
    const { fork, told } = startFork([a, b], { method: 'MESSAGE' });
    fork.start();
    a.answers(180);
    b.answers(202);
    fork.cancel();
    a.answers(200);
    expect(told).toEqual(['202 b', 'done']);
    expect([a.cancels, b.cancels]).toEqual([0, 0]);
  });

  it('has all outcomes known when it fails, so that a message can be stored', () => {
    const [a, b] = [new TestTarget('a'), new TestTarget('b')];
    const statuses: number[][] = [];
    const { fork } = startFork([a, b], {
      method: 'MESSAGE',
      respond: () => statuses.push(fork.outcomes.map(({ status }) => status)),
    });
    fork.start();
    a.answers(480);
    b.user!.timeout();
    expect(statuses).toEqual([[480, 408]]);
  });
});

describe('Max-Breadth (RFC 5393 §5.3.3)', () => {
  it('is divided among those that are asked at one time', () => {
    const targets = [new TestTarget('a'), new TestTarget('b'), new TestTarget('low', 1)];
    const { fork } = startFork(targets, { headers: ['Max-Breadth: 5'] });
    fork.start();
    targets[0]!.answers(486);
    targets[1]!.answers(486);
    expect(targets.map(({ maxBreadth }) => maxBreadth)).toEqual([2, 2, 5]);
  });

  it('is 60 for a request without', () => {
    const target = new TestTarget('a');
    const { fork } = startFork([target]);
    fork.start();
    expect(target.maxBreadth).toBe(60);
  });

  it('is refused with 440 when there is less than one for each', () => {
    const targets = [new TestTarget('a'), new TestTarget('b')];
    const { fork, told, responses } = startFork(targets, { headers: ['Max-Breadth: 1'] });
    fork.start();
    expect(told).toEqual(['440 here', 'done']);
    expect(seconds(responses[0]!, 'Max-Breadth')).toBeUndefined();
    expect(targets.some(({ started }) => started)).toBe(false);
  });

  it('suffices without one, however many endpoints there are', () => {
    const targets = Array.from({ length: 64 }, (_, index) => new TestTarget(`t${index}`));
    startFork(targets).fork.start();
    expect(targets.every(({ maxBreadth }) => maxBreadth === 1)).toBe(true);
  });

  it('is refused when it is no number', () => {
    expect(() => startFork([], { headers: ['Max-Breadth: many'] })).toThrow('400 Malformed Max-Breadth');
  });
});
