import { describe, expect, it } from 'vitest';
import { startFork, TestTarget } from './fork-test-bed.ts';

/** What two phones in one group say, in this order, and what the caller gets. */
const CHOICES: [why: string, method: string, answers: (number | 'timeout' | 'transport')[], told: string][] = [
  ['the lowest class', 'INVITE', [500, 486], '486 b'],
  ['a redirection before failures', 'INVITE', [404, 302], '302 b'],
  ['the first of one class', 'INVITE', [480, 486], '480 a'],
  ['a 6xx before all others', 'INVITE', [302, 603], '603 b'],
  ['what tells how to ask again', 'INVITE', [404, 484], '484 b'],
  ['a challenge before other tales', 'INVITE', [415, 407], '407 b'],
  ['not the 487 of a branch that rang too long', 'INVITE', [487, 480], '480 b'],
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
