import type { ServerApplication } from '@rollcall/front-end';
import { tryApplication } from '@rollcall/front-end/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import doNotDisturb from '../../services/front-end/src/applications/shipped/do-not-disturb.ts';
import keywordBot from '../../services/front-end/src/applications/shipped/keyword-bot.ts';
import { type ApplicationsBed, startApplications } from './applications-bed.ts';

describe('do-not-disturb', () => {
  const settings = { users: 'bob@example.org, carol@example.org', text: 'In a meeting until three' };
  const toBob = { from: 'alice@example.org', to: 'bob@example.org' };

  it.each(['INVITE', 'MESSAGE'])('answers %s for who does not want to be disturbed, and says why', async (method) => {
    const trial = await tryApplication(doNotDisturb, { settings });
    expect(await trial.receive({ ...toBob, method })).toMatchObject({
      kind: 'answer',
      status: 486,
      reason: 'Do Not Disturb',
    });
    expect(trial.sent).toEqual([
      { from: 'bob@example.org', to: 'alice@example.org', body: 'In a meeting until three' },
    ]);
  });

  it.each([
    ['is for somebody else', { to: 'dave@example.org' }],
    ['is an emergency', { headers: { Priority: 'Emergency' } }],
    ['comes from the user’s own other device', { from: 'bob@example.org' }],
    ['is no call and no message', { method: 'SUBSCRIBE' }],
  ])('lets through what %s', async (_what, more) => {
    const trial = await tryApplication(doNotDisturb, { settings });
    expect(await trial.receive({ ...toBob, ...more })).toMatchObject({ kind: 'pass' });
    expect(trial.sent).toEqual([]);
  });

  it('lets a call that is under way go on', async () => {
    const trial = await tryApplication(doNotDisturb, { settings });
    const reInvite = `
      INVITE sip:bob@example.org SIP/2.0
      From: <sip:alice@example.org>;tag=1
      To: <sip:bob@example.org>;tag=2
      Call-ID: 1
      CSeq: 2 INVITE`;
    expect(await trial.receive(reInvite)).toMatchObject({ kind: 'pass' });
    expect(await trial.receive(reInvite.replace(';tag=2', ''))).toMatchObject({ kind: 'answer' });
  });
});

describe('keyword-bot', () => {
  const say = (body: string) => ({ from: 'alice@example.org', to: 'bot@example.org', body });

  it.each([
    ['help', 'I know: help, time, ping'],
    [' PING ', 'pong'],
    ['time', expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} .* GMT$/)],
    ['constructor', 'I do not know that. Try: help'],
  ])('replies to `%s`', async (keyword, reply) => {
    const trial = await tryApplication(keywordBot);
    expect(await trial.receive(say(keyword))).toMatchObject({ kind: 'answer', status: 200 });
    expect(trial.sent).toEqual([{ from: 'bot@example.org', to: 'alice@example.org', body: reply }]);
  });

  it('leaves alone what is for others, and what is not text: being told that somebody types needs no reply', async () => {
    const trial = await tryApplication(keywordBot);
    expect(await trial.receive({ ...say('help'), to: 'bob@example.org' })).toMatchObject({ kind: 'pass' });
    expect(await trial.receive({ ...say('<x/>'), contentType: 'application/im-iscomposing+xml' })).toMatchObject({
      kind: 'pass',
    });
    expect(trial.sent).toEqual([]);
  });

  it('says in the log when its reply went nowhere', async () => {
    const trial = await tryApplication(keywordBot, { onSend: () => ({ status: 403, reason: 'No' }) });
    await trial.receive(say('help'));
    await expect.poll(() => trial.logged).toEqual(['no reply to alice@example.org: 403 No']);
  });
});

describe('in the thread of a front end', () => {
  let bed: ApplicationsBed;
  afterEach(async () => {
    vi.unstubAllEnvs();
    await bed.stop();
  });

  it('both are found by name, have their settings from the environment, and send', async () => {
    vi.stubEnv('ROLLCALL_DO_NOT_DISTURB_USERS', 'bob@example.org');
    bed = await startApplications(['do-not-disturb', 'keyword-bot']);
    expect((await bed.say('hello')).decision).toMatchObject({ kind: 'answer', response: { status: 486 } });
    expect((await bed.say('ping', { to: 'bot@example.org' })).decision).toMatchObject({
      kind: 'answer',
      response: { status: 200 },
    });
    await expect.poll(() => bed.sent).toEqual([{ from: 'bot@example.org', to: 'alice@example.org', body: 'pong' }]);
    expect((await bed.say('ping', { to: 'dave@example.org' })).decision).toMatchObject({ kind: 'pass' });
  });
});

describe('the test kit', () => {
  it('shows what a front end would make of a mistake', async () => {
    const broken = (onRequest: ServerApplication['onRequest']) => tryApplication({ name: 'broken', onRequest });
    const trial = await broken((_request, actions) => actions.answer(99));
    expect(await trial.receive({ to: 'bob@example.org' })).toMatchObject({
      kind: 'failed',
      why: 'invalid',
      detail: expect.stringContaining('must be 200 to 699'),
    });
    const slow = await broken(() => new Promise(() => {}));
    expect(await slow.receive({ to: 'bob@example.org' })).toMatchObject({ kind: 'failed', why: 'timed_out' });
    const twice = await broken(async (_request, actions) => {
      actions.answer(486);
      actions.answer(200);
    });
    expect(await twice.receive({ to: 'bob@example.org' })).toMatchObject({ kind: 'answer', status: 486 });
    expect(twice.failures).toMatchObject([{ why: 'twice' }]);
  });
});
