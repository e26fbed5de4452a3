import { describe, expect, it } from 'vitest';
import { startFork, TestTarget } from './fork-test-bed.ts';

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
