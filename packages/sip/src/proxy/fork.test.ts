import { describe, expect, it } from 'vitest';
import { seconds } from '../message/index.ts';
import { startFork, TestTarget } from './fork-test-bed.ts';

/** What two phones in one group say, in this order, and what the caller gets. */
const CHOICES: [why: string, method: string, answers: (number | 'timeout' | 'transport')[], told: string][] = [
  ['the lowest class', 'INVITE', [500, 486], '486 b'],
  ['a redirection before failures', 'INVITE', [404, 302], '302 b'],
  ['the first of one class', 'INVITE', [480, 486], '480 a'],
  ['a 6xx before all others', 'INVITE', [302, 603], '603 b'],
  ['what tells how to ask again', 'INVITE', [404, 484], '484 b'],
  ['a challenge before other tales', 'INVITE', [415, 407], '407 b'],
  ['not the 408 of a stale endpoint', 'INVITE', [408, 500], '500 b'],
  ['not the 430 of a lost flow', 'INVITE', [430, 503], '500 b'],
  ['not a timeout here', 'INVITE', ['timeout', 604], '604 b'],
  ['not a lost connection', 'INVITE', ['transport', 486], '486 b'],
  ['no 503: it would turn the caller away from this server', 'INVITE', [503, 503], '500 a'],
  ['a 408 when nobody answered', 'INVITE', ['timeout', 'transport'], '408 here'],
  ['a 480 when no flow was left', 'INVITE', ['transport', 430], '480 here'],
  ['a 480 for a non-INVITE, which never gets a 408 (RFC 4320 §4.2)', 'MESSAGE', ['timeout', 408], '480 here'],
];

describe('the answer to a request that was forked (RFC 3261 §16.7 step 6)', () => {
  it.each(CHOICES)('is %s', (_, method, answers, expected) => {
    const targets = [new TestTarget('a'), new TestTarget('b')];
    const { fork, told } = startFork(targets, { method });
    fork.start();
    answers.forEach((answer, index) => {
      expect(told).toEqual([]);
      if (answer === 'timeout') targets[index]!.user!.timeout();
      else if (answer === 'transport') targets[index]!.user!.transportError(new Error('gone'));
      else targets[index]!.answers(answer);
    });
    expect(told).toEqual([expected, 'done']);
    expect(fork.outcomes.map(({ target, status, local }) => [target, local ?? status])).toEqual(
      answers.map((answer, index) => [targets[index], answer]),
    );
  });

  it('is a 480 when there is nobody to ask', () => {
    const { fork, told } = startFork([]);
    fork.start();
    expect(told).toEqual(['480 here', 'done']);
  });

  it('carries the challenges of all branches', () => {
    const targets = [new TestTarget('a'), new TestTarget('b'), new TestTarget('c')];
    const { fork, responses } = startFork(targets);
    fork.start();
    targets[0]!.answers(407, [['Proxy-Authenticate', 'Digest realm="a"']]);
    targets[1]!.answers(486);
    targets[2]!.answers(401, [['WWW-Authenticate', 'Digest realm="c"']]);
    expect(responses.map(({ status }) => status)).toEqual([401]);
    expect(responses[0]!.headers.getAll('Proxy-Authenticate')).toEqual(['Digest realm="a"']);
    expect(responses[0]!.headers.getAll('WWW-Authenticate')).toEqual(['Digest realm="c"']);
  });

  it('is made by the server when it is one of its own', () => {
    const { fork, told } = startFork([], {
      answer: (status) => ({ ...startFork([]).responses[0]!, status }),
      respond: ({ status }) => told.push(`${status}`),
    });
    fork.start();
    expect(told).toEqual(['480', 'done']);
  });
});

describe('an INVITE that rings at several phones', () => {
  function ring(options?: Parameters<typeof startFork>[1]) {
    const targets = [new TestTarget('a'), new TestTarget('b'), new TestTarget('c')] as const;
    const started = startFork([...targets], options);
    started.fork.start();
    return { targets, ...started };
  }

  it('passes on that they ring, but no 100', () => {
    const {
      targets: [a, b],
      told,
    } = ring();
    a.answers(100);
    a.answers(180);
    b.answers(183);
    expect(told).toEqual(['180 a', '183 b']);
  });

  it('is answered by one, and the others stop ringing', () => {
    const {
      targets: [a, b, c],
      told,
    } = ring();
    a.answers(486);
    b.answers(200);
    expect(told).toEqual(['200 b']);
    expect([a.cancels, b.cancels, c.cancels]).toEqual([0, 0, 1]);
    c.answers(180);
    c.answers(487);
    expect(told).toEqual(['200 b', 'done']);
  });

  it('passes on each 2xx: two that pick up at once, and those that are sent again', () => {
    const {
      targets: [a, b, c],
      told,
    } = ring();
    a.answers(200);
    b.answers(200);
    a.answers(200);
    c.answers(487);
    b.answers(200);
    expect(told).toEqual(['200 a', '200 b', '200 a', 'done', '200 b']);
  });

  it('stops everywhere when one declines for all, and says so when the last has stopped', () => {
    const {
      targets: [a, b, c],
      told,
      fork,
    } = ring();
    a.answers(180);
    b.answers(603);
    expect([a.cancels, b.cancels, c.cancels]).toEqual([1, 0, 1]);
    a.answers(487);
    expect(told).toEqual(['180 a']);
    c.answers(487);
    expect(told).toEqual(['180 a', '603 b', 'done']);
    expect(fork.outcomes.map(({ status }) => status)).toEqual([603, 487, 487]);
  });

  it('is connected when one picks up although another declined for all', () => {
    const {
      targets: [a, b, c],
      told,
    } = ring();
    a.answers(603);
    b.answers(200);
    c.answers(487);
    expect(told).toEqual(['200 b', 'done']);
  });

  it('ends in 487 when the caller hangs up, also before anything rang', () => {
    const {
      targets: [a, b, c],
      told,
      fork,
    } = ring();
    fork.cancel();
    expect([a.cancels, b.cancels, c.cancels]).toEqual([1, 1, 1]);
    a.answers(486);
    b.answers(487);
    c.user!.timeout();
    expect(told).toEqual(['487 b', 'done']);
  });

  it('ends in 487 when nobody answers the CANCEL', () => {
    const { targets, told, fork } = ring();
    fork.cancel();
    for (const target of targets) target.user!.timeout();
    expect(told).toEqual(['487 here', 'done']);
  });

  it('is connected when someone picked up while the caller hung up', () => {
    const {
      targets: [a, b, c],
      told,
      fork,
    } = ring();
    fork.cancel();
    a.answers(487);
    b.answers(200);
    c.answers(487);
    expect(told).toEqual(['200 b', 'done']);
  });

  it('is not cancelled any more once it is answered', () => {
    const {
      targets: [a, b, c],
      told,
      fork,
    } = ring();
    a.answers(200);
    fork.cancel();
    b.answers(487);
    c.answers(487);
    expect(told).toEqual(['200 a', 'done']);
    expect(a.cancels).toBe(0);
  });

  it('was cancelled before it was forwarded: nobody rings', () => {
    const a = new TestTarget('a');
    const { fork, told } = startFork([a]);
    fork.cancel();
    fork.start();
    expect(a.started).toBe(false);
    expect(told).toEqual(['487 here', 'done']);
  });
});

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

  it('is answered in time when the server waits no longer for a stale endpoint', () => {
    const [a, b, low] = [new TestTarget('a'), new TestTarget('b'), new TestTarget('low', 1)];
    const { fork, told } = startFork([a, b, low], { method: 'MESSAGE' });
    fork.start();
    a.answers(486);
    fork.giveUp();
    expect(told).toEqual(['486 a', 'done']);
    expect(low.started).toBe(false);
    b.answers(200);
    fork.giveUp();
    expect(told).toEqual(['486 a', 'done']);
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
