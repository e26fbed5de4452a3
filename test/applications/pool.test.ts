import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runRollcall } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { sample } from './applications-bed.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  vi.stubEnv('ROLLCALL_DO_NOT_DISTURB_USERS', 'quiet@example.org');
  vi.stubEnv('ROLLCALL_DO_NOT_DISTURB_TEXT', 'Not now');
  pool = await startFrontEndPool({
    applications: ['do-not-disturb', 'keyword-bot', sample('misbehaving'), sample('tagging')],
    applicationBudget: 2000,
  });
  for (const user of ['bot', 'quiet', 'bob', 'carol']) await pool.addAccount(user);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await pool.stop();
});

async function phone(user?: string) {
  const account = user === undefined ? undefined : { user, domain: 'example.org', password: `password of ${user}` };
  const client = await pool.client({ transport: 'TCP', ...(account && { account }) });
  const heard: string[] = [];
  client.answerEach(({ method, body }) => {
    if (method === 'MESSAGE') heard.push(body);
    return { status: 200 };
  });
  await client.register({ contacts: [client.contact(';expires=600', ';transport=tcp')] });
  return { client, heard };
}

describe('on a front end with server applications', () => {
  it('the bot replies to a SIP phone', async () => {
    const { client, heard } = await phone();
    expect((await client.message('sip:bot@example.org', 'ping')).status).toBe(200);
    await expect.poll(() => heard).toEqual(['pong']);
  });

  it('who does not want to be disturbed is not called, and the caller is told why', async () => {
    const { heard: disturbances } = await phone('quiet');
    const { client, heard } = await phone();
    const answer = await client.send({ method: 'INVITE', uri: 'sip:quiet@example.org', to: '<sip:quiet@example.org>' });
    expect(answer.status).toBe(486);
    expect((await client.message('sip:quiet@example.org', 'hello')).status).toBe(486);
    await expect.poll(() => heard).toEqual(['Not now', 'Not now']);
    expect(disturbances).toEqual([]);
  });

  it('a message goes elsewhere when an application says so, and with what it has changed', async () => {
    const [{ heard: bob }, { heard: carol }] = [await phone('bob'), await phone('carol')];
    const { client } = await phone();
    expect((await client.message('sip:bob@example.org', 'elsewhere')).status).toBe(200);
    expect((await client.message('sip:bob@example.org', 'shout')).status).toBe(200);
    expect([bob, carol]).toEqual([['SHOUT'], ['elsewhere']]);
  });

  it.each(['throws', 'never resolves', 'loops for ever', 'exits the process', 'throws in a timer'])(
    'a message arrives all the same when one of them %s',
    async (behaviour) => {
      const { heard } = await phone('bob');
      const { client } = await phone();
      await expect.poll(async () => (await client.message('sip:bob@example.org', 'answers well')).status).toBe(200);
      expect((await client.message('sip:bob@example.org', behaviour)).status).toBe(200);
      expect(heard).toContain(behaviour);
      const why = ['threw', 'timed_out', 'died'].map(
        (one) => `rollcall_application_failures_total{application="misbehaving",why="${one}"}`,
      );
      expect((await Promise.all(why.map((one) => pool.metric(one)))).some((count) => count > 0)).toBe(true);
    },
  );
});

it('a front end does not start with an application that it cannot load, and says why', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-applications-'));
  try {
    const { status, stderr } = await runRollcall([
      'start',
      '--data',
      folder,
      '--applications',
      './missing.ts',
      ...ports,
    ]);
    expect(stderr).toMatch(/--applications \.\/missing\.ts: there is no file \/.*\/missing\.ts/);
    expect(status).toBe(2);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

const ports = ['--sip-port', '0', '--sips-port', '0', '--http-port', '0'];
