import fc from 'fast-check';
import { expect, it } from 'vitest';
import { startFork, TestTarget } from './fork-test-bed.ts';

const WORDS = [100, 180, 200, 302, 401, 404, 408, 430, 486, 487, 503, 603, 'timeout', 'transport'] as const;
type Word = (typeof WORDS)[number];

const event = fc.oneof(
  { weight: 8, arbitrary: fc.record({ target: fc.nat(5), word: fc.constantFrom(...WORDS) }) },
  { weight: 1, arbitrary: fc.constantFrom('cancel' as const, 'giveUp' as const) },
);

/** A branch as its client transaction speaks: nothing after its end, but a 2xx again and again. */
class Speaker {
  readonly target: TestTarget;
  readonly isInvite: boolean;
  ended: Word | undefined;

  constructor(target: TestTarget, isInvite: boolean) {
    this.target = target;
    this.isInvite = isInvite;
  }

  say(word: Word): void {
    const again = this.ended === 200 && word === 200 && this.isInvite;
    if (!this.target.started || (this.ended !== undefined && !again)) return;
    if (typeof word === 'string' || word >= 200) this.ended = word;
    if (word === 'timeout') this.target.user!.timeout();
    else if (word === 'transport') this.target.user!.transportError(new Error('gone'));
    else this.target.answers(word);
  }
}

it('gives one final answer, or 2xx of an INVITE, and leaves nothing pending, in whatever order things happen', () => {
  const targets = fc.array(
    fc.record({ q: fc.constantFrom(1, 500, 1000), eager: fc.option(fc.constantFrom(...WORDS)) }),
    {
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(
      targets,
      fc.array(event, { maxLength: 30 }),
      fc.boolean(),
      fc.boolean(),
      (plan, events, isInvite, parallel) => {
        const speakers: Speaker[] = plan.map(({ q, eager }, index) => {
          const onStart = eager === null ? undefined : () => speakers[index]!.say(eager);
          return new Speaker(new TestTarget(`t${index}`, q, onStart), isInvite);
        });
        const { fork, told } = startFork(
          speakers.map(({ target }) => target),
          { method: isInvite ? 'INVITE' : 'MESSAGE', parallel },
        );
        let givenUp = false;
        let cancelled = false;
        fork.start();
        for (const each of events) {
          if (each === 'cancel') {
            cancelled = true;
            fork.cancel();
          } else if (each === 'giveUp') {
            givenUp ||= !isInvite;
            if (!isInvite) fork.giveUp();
          } else speakers[each.target]?.say(each.word);
        }
        if (isInvite && (cancelled || told.some((line) => line.startsWith('200')))) {
          for (const { target, ended } of speakers) {
            if (target.started && ended === undefined) expect(target.cancels).toBeGreaterThan(0);
          }
        }
        // Every client transaction ends at last.
        for (let round = 0; round < 4; round++) for (const speaker of speakers) speaker.say('timeout');

        const finals = told.map((line) => Number.parseInt(line, 10)).filter((status) => status >= 200);
        const successes = finals.filter((status) => status < 300);
        expect(finals.length).toBeGreaterThan(0);
        if (!isInvite) expect(finals).toHaveLength(1);
        else expect(finals.length - successes.length).toBe(successes.length > 0 ? 0 : 1);
        // Nobody who picked up is left without the caller's ACK.
        const picked = speakers.filter(({ ended }) => ended === 200);
        if (isInvite) for (const { target } of picked) expect(told).toContain(`200 ${target.name}`);
        else if (picked.length > 0 && !givenUp) expect(successes).toHaveLength(1);
        expect(told.filter((line) => line === 'done')).toHaveLength(1);
        expect(fork.outcomes).toHaveLength(speakers.filter(({ target }) => target.started).length);
      },
    ),
    { numRuns: 1000 },
  );
});
