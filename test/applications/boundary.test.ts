import { formatMessage } from '@rollcall/sip';
import { afterEach, describe, expect, it } from 'vitest';
import { type ApplicationsBed, sample, startApplications } from './applications-bed.ts';

/** So long that a busy machine does not use it up: where something else than the budget is tested, ms. */
const AMPLE = 15_000;
/** So short that a test need not wait long for it to run out, ms. */
const BRIEF = 1000;

let bed: ApplicationsBed;
afterEach(() => bed?.stop());
const misbehaving = sample('misbehaving');
const answered = (status: number) => ({ kind: 'answer', response: { status } });

describe('a request goes on as if the application did not exist, when the application', () => {
  it.each([
    ['throws', 'threw'],
    ['rejects', 'threw'],
    ['rejects with nothing', 'threw'],
    ['never resolves', 'timed_out'],
    ['answers 9999', 'invalid'],
    ['answers 100', 'invalid'],
    ['answers with a number for a reason', 'invalid'],
    ['answers with headers that throw', 'threw'],
    ['answers with two lines in a header', 'invalid'],
    ['routes to nonsense', 'invalid'],
    ['routes to the web', 'invalid'],
    ['takes Via off', 'invalid'],
    ['sets Record-Route', 'invalid'],
    ['sends a symbol', 'invalid'],
    ['has a body without end', 'invalid'],
    ['changes its copy', 'threw'],
    ['throws in a timer', 'died'],
    ['rejects unseen', 'died'],
    ['loops for ever', 'timed_out'],
    ['exits the process', 'died'],
    // Of whichever comes first on this machine.
    ['fills the memory', 'timed_out or died'],
  ])('%s; that is counted as %s', async (behaviour, why) => {
    bed = await startApplications([misbehaving], { budget: why.startsWith('timed_out') ? BRIEF : AMPLE });
    const { request, decision } = await bed.say(behaviour);
    expect(decision).toEqual({ kind: 'pass', request });
    expect(formatMessage(request)).toEqual(formatMessage(bed.message(behaviour)));
    const counted = Object.keys(await bed.failures());
    expect(why.split(' or ').some((one) => counted.includes(one))).toBe(true);
  });

  it('never resolves, when its time is up and not before', async () => {
    bed = await startApplications([misbehaving], { budget: BRIEF });
    const { ms } = await bed.say('never resolves');
    expect(ms).toBeGreaterThan(BRIEF - 50);
    expect(ms).toBeLessThan(AMPLE);
  });
});

describe('the first verdict holds, when the application', () => {
  it.each([
    ['answers twice', 'twice'],
    ['answers and throws', 'threw'],
  ])('%s; that is counted as %s', async (behaviour, why) => {
    bed = await startApplications([misbehaving], { budget: AMPLE });
    expect((await bed.say(behaviour)).decision).toMatchObject(answered(486));
    await expect.poll(() => bed.failures()).toEqual({ [why]: 1 });
  });

  it('never resolves, and at once', async () => {
    bed = await startApplications([misbehaving], { budget: AMPLE });
    const { decision, ms } = await bed.say('answers and never resolves');
    expect(decision).toMatchObject(answered(486));
    expect(ms).toBeLessThan(AMPLE - 50);
    expect(await bed.failures()).toEqual({});
  });

  it('changes the request after it', async () => {
    bed = await startApplications([misbehaving], { budget: AMPLE });
    const { request, decision } = await bed.say('changes after its verdict');
    expect(decision).toEqual({ kind: 'pass', request });
  });
});

it('what an application does after its time is ignored', async () => {
  bed = await startApplications([misbehaving], { budget: 2 * BRIEF });
  expect((await bed.say('answers when the next one comes')).decision).toMatchObject({ kind: 'pass' });
  // Its late answer comes before the answer to this.
  expect((await bed.say('answers the one before, and well')).decision).toMatchObject(answered(200));
  for (let n = 0; n < 10; n++) expect((await bed.say('answers well')).decision).toMatchObject(answered(200));
  expect(await bed.failures()).toEqual({ timed_out: 1 });
});

it('prototypes that an application changes are its own', async () => {
  bed = await startApplications([sample('tagging'), misbehaving], { budget: AMPLE });
  await bed.say('changes prototypes');
  expect(String({})).toBe('[object Object]');
  expect([...[1]]).toEqual([1]);
  expect((await bed.say('hello')).decision).toMatchObject({ kind: 'pass' });
});

describe('an application that ended', () => {
  it.each(['exits the process', 'throws in a timer'])('because it %s is started anew', async (behaviour) => {
    bed = await startApplications([misbehaving], { budget: AMPLE });
    await bed.say(behaviour);
    expect((await bed.say('answers well')).decision).toBeUndefined();
    await expect
      .poll(async () => (await bed.say('answers well')).decision, { timeout: AMPLE })
      .toMatchObject(answered(200));
    expect(bed.log()).toContain('application started anew');
  });

  it('because it looped for ever holds up nobody meanwhile, and is started anew', async () => {
    bed = await startApplications([misbehaving, sample('tagging')], { budget: 2 * BRIEF });
    const { decision, ms } = await bed.say('loops for ever');
    expect(decision).toMatchObject({ kind: 'pass' });
    if (decision?.kind === 'pass') expect(decision.request.headers.has('X-Seen')).toBe(true);
    expect(ms).toBeLessThan(AMPLE);
    await expect
      .poll(async () => (await bed.say('answers well')).decision, { timeout: AMPLE })
      .toMatchObject(answered(200));
    expect(bed.log()).toContain('a blocked application is ended');
  });
});

it('an application that fails five times in a row is left out, at no cost, while others go on', async () => {
  bed = await startApplications([misbehaving, sample('tagging')], { budget: AMPLE });
  for (let n = 0; n < 4; n++) await bed.say('throws');
  expect((await bed.say('answers well')).decision).toMatchObject(answered(200));
  for (let n = 0; n < 5; n++) await bed.say('throws');
  const { decision } = await bed.say('answers well');
  expect(decision).toMatchObject({ kind: 'pass' });
  expect(bed.log()).toContain('application left out for 30 s');
  expect(await bed.failures()).toEqual({ threw: 9 });
});

it('requests that wait for a slow application are bounded', async () => {
  bed = await startApplications([misbehaving], { budget: 2000 });
  const all = await Promise.all(Array.from({ length: 1200 }, () => bed.say('never resolves')));
  expect(all.every(({ decision }) => decision?.kind === 'pass')).toBe(true);
  expect(await bed.failures()).toMatchObject({ timed_out: 1000 });
});
