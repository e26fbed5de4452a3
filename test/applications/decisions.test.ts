import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ApplicationsBed, sample, startApplications } from './applications-bed.ts';

let bed: ApplicationsBed | undefined;
afterEach(async () => {
  await bed?.stop();
  bed = undefined;
});

describe('an application', () => {
  it('sees who sends what to whom, and its changes go on', async () => {
    bed = await startApplications([sample('tagging')]);
    const { request, decision } = await bed.say('shout');
    if (decision?.kind !== 'pass') throw new Error(JSON.stringify(decision));
    expect(JSON.parse(decision.request.headers.get('X-Seen')!)).toEqual({
      method: 'MESSAGE',
      target: 'bob@example.org',
      sender: 'alice@example.org',
      inDialog: false,
      contentType: 'text/plain',
      text: 'shout',
      flow: { transport: 'TCP', address: '192.0.2.7', port: 5060 },
    });
    expect(decision.request.headers.get('X-Subject')).toBe('lunch');
    expect(decision.request.headers.has('Subject')).toBe(false);
    expect(decision.request.body.toString()).toBe('SHOUT');
    expect(decision.request.headers.get('Content-Type')).toBe('text/plain');
    expect(request.headers.get('Subject')).toBe('lunch');
    expect(request.body.toString()).toBe('shout');
  });

  it('sends a request elsewhere', async () => {
    bed = await startApplications([sample('tagging')]);
    const { decision } = await bed.say('elsewhere');
    expect(decision).toMatchObject({ kind: 'route', request: { uri: 'sip:carol@example.org' } });
  });

  it('that answers keeps the request from those after it', async () => {
    bed = await startApplications([sample('misbehaving'), sample('tagging')]);
    const { decision } = await bed.say('answers well');
    expect(decision).toMatchObject({ kind: 'answer', response: { status: 200, reason: 'Done' } });
  });

  it('cannot answer an INVITE with 200: there is nobody to talk to', async () => {
    bed = await startApplications([sample('misbehaving')]);
    expect((await bed.say('answers well', { method: 'INVITE' })).decision).toMatchObject({ kind: 'pass' });
    expect(await bed.failures()).toEqual({ invalid: 1 });
  });

  it('is not asked about other methods, nor about ACK and CANCEL: these go on at once', async () => {
    bed = await startApplications([sample('misbehaving')]);
    for (const method of ['OPTIONS', 'ACK', 'CANCEL']) expect((await bed.say('', { method })).decision).toBeUndefined();
  });
});

describe('the front end does not start, and says why, when an application', () => {
  const folder = mkdtemp(join(tmpdir(), 'rollcall-applications-'));
  afterEach(async () => rm(await folder, { recursive: true, force: true }).catch(() => {}));
  const start = async (source: string) => {
    const file = join(await mkdtemp(join(tmpdir(), 'rollcall-applications-')), 'one.ts');
    await writeFile(file, source);
    return startApplications([file]).catch((error) => `${error.name}: ${error.message}`);
  };

  it.each([
    ['has a mistake in its source', 'export default {', 'it cannot be imported'],
    ['throws when it is imported', 'throw new Error("no licence")', 'no licence'],
    ['exports nothing', 'export const other = 1', 'it exports no application'],
    ['has no name', 'export default { onRequest() {} }', 'its `name` must be'],
    ['has no onRequest', 'export default { name: "one" }', 'it has no function `onRequest`'],
    ['has a method for methods', 'export default { name: "one", methods: "INVITE", onRequest() {} }', 'its `methods`'],
    [
      'throws when it starts',
      'export default { name: "one", start() { throw new Error("no file") }, onRequest() {} }',
      'no file',
    ],
    ['exits when it is imported', 'process.exit(0)', 'its thread ended while it started'],
  ])('%s', async (_what, source, says) => {
    const said = await start(source);
    expect(said).toContain('ApplicationError: --applications /');
    expect(said).toContain(says);
  });

  it('is not there, or has the name of another one', async () => {
    await expect(startApplications(['./missing.ts'])).rejects.toThrow(
      /no file .*missing.ts \(shipped are: do-not-disturb/,
    );
    await expect(startApplications([sample('tagging'), sample('tagging')])).rejects.toThrow(
      'another one is named tagging',
    );
  });
});
