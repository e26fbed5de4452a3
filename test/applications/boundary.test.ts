import { formatMessage } from '@rollcall/sip';
import { afterEach, describe, expect, it } from 'vitest';
import { type ApplicationsBed, sample, startApplications } from './applications-bed.ts';

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
    ['answers after its time', 'timed_out'],
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
    ['fills the memory', 'timed_out'],
  ])('%s; that is counted as %s', async (behaviour, why) => {
    bed = await startApplications([misbehaving]);
    const { request, decision, ms } = await bed.say(behaviour);
    expect(decision).toEqual({ kind: 'pass', request });
    expect(formatMessage(request).toString()).toBe(
      formatMessage((await bed.say('')).request)
        .toString()
        .replace(/Content-Length: 0\r\n\r\n$/, `Content-Length: ${behaviour.length}\r\n\r\n${behaviour}`),
    );
    expect(Object.keys(await bed.failures())).toContain(why);
    expect(ms).toBeLessThan(2000);
  });
});

describe('the first verdict holds, when the application', () => {
  it.each([
    ['answers twice', 'twice'],
    ['answers and throws', 'threw'],
  ])('%s; that is counted as %s', async (behaviour, why) => {
    bed = await startApplications([misbehaving]);
    expect((await bed.say(behaviour)).decision).toMatchObject(answered(486));
    await expect.poll(() => bed.failures()).toEqual({ [why]: 1 });
  });

  it('never resolves, and at once', async () => {
    bed = await startApplications([misbehaving], { budget: 5000 });
    const { decision, ms } = await bed.say('answers and never resolves');
    expect(decision).toMatchObject(answered(486));
    expect(ms).toBeLessThan(2500);
    expect(await bed.failures()).toEqual({});
  });

  it('changes the request after it', async () => {
    bed = await startApplications([misbehaving]);
    const { request, decision } = await bed.say('changes after its verdict');
    expect(decision).toEqual({ kind: 'pass', request });
  });
});

it('what an application does after its time is ignored', async () => {
  bed = await startApplications([misbehaving]);
  expect((await bed.say('answers after its time')).decision).toMatchObject({ kind: 'pass' });
  for (let n = 0; n < 10; n++) expect((await bed.say('answers well')).decision).toMatchObject(answered(200));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect((await bed.say('answers well')).decision).toMatchObject(answered(200));
  expect(await bed.failures()).toEqual({ timed_out: 1 });
});

it('prototypes that an application changes are its own', async () => {
  bed = await startApplications([sample('tagging'), misbehaving]);
  await bed.say('changes prototypes');
  expect(String({})).toBe('[object Object]');
  expect([...[1]]).toEqual([1]);
  expect((await bed.say('hello')).decision).toMatchObject({ kind: 'pass' });
});

describe('an application that ended', () => {
  it.each(['exits the process', 'throws in a timer'])('because it %s is started anew', async (behaviour) => {
    bed = await startApplications([misbehaving]);
    await bed.say(behaviour);
    expect((await bed.say('answers well')).decision).toBeUndefined();
    await expect
      .poll(async () => (await bed.say('answers well')).decision, { timeout: 10_000 })
      .toMatchObject(answered(200));
    expect(bed.log()).toContain('application started anew');
  });

  it('because it looped for ever holds up nobody meanwhile, and is started anew', async () => {
    bed = await startApplications([misbehaving, sample('tagging')], { budget: 100 });
    const { decision, ms } = await bed.say('loops for ever');
    expect(decision).toMatchObject({ kind: 'pass' });
    if (decision?.kind === 'pass') expect(decision.request.headers.has('X-Seen')).toBe(true);
    expect(ms).toBeLessThan(1000);
    await expect
      .poll(async () => (await bed.say('answers well')).decision, { timeout: 10_000 })
      .toMatchObject(answered(200));
    expect(bed.log()).toContain('a blocked application is ended');
  });
});

it('an application that fails five times in a row is left out, at no cost, while others go on', async () => {
  bed = await startApplications([misbehaving, sample('tagging')]);
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
