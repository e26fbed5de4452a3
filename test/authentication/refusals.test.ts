import { challengesOf } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const WRONG = 'not the password';

describe('a wrong password', () => {
  it('is answered with a new challenge that is not stale, so that the phone asks its user', async () => {
    const alice = await pool.client();
    const wrong = await pool.client({ account: { ...alice.account, password: WRONG } });
    const answer = await wrong.register({ contacts: [wrong.contact()] });
    expect(answer.status).toBe(401);
    expect(challengesOf(answer)[0]?.stale).toBe(false);
    expect((await alice.register()).contacts).toEqual([]);
  });

  it('does not spoil the challenge for the right one', async () => {
    const alice = await pool.client();
    const wrong = await pool.client({ account: { ...alice.account, password: WRONG } });
    const challenged = await alice.exchange();
    expect((await wrong.answerChallenge(challenged)).status).toBe(401);
    expect((await alice.answerChallenge(challenged)).status).toBe(200);
  });
});

describe('an account that does not exist', () => {
  it('gets byte for byte the answers that a wrong password gets', async () => {
    const { account } = await pool.client();
    const tries = [
      { ...account, password: WRONG },
      { ...account, user: 'nobody', password: WRONG },
    ];
    const conversations = [];
    for (const one of tries) {
      const client = await pool.client({ account: one });
      const challenged = await client.exchange();
      const refused = await client.answerChallenge(challenged);
      conversations.push(
        [challenged, refused].map(({ text }) =>
          text
            .replaceAll(one.user, 'USER')
            .replaceAll(client.callId, 'CALL-ID')
            .replaceAll(String(client.connection.local.port), 'PORT')
            .replace(/nonce="[\w-]{32}"/, 'NONCE')
            .replace(/branch=\w+/, 'BRANCH')
            .replaceAll(/tag=\w+/g, 'TAG'),
        ),
      );
    }
    expect(conversations[1]).toEqual(conversations[0]);
  });

  // A machine under load may stall one of them.
  it('takes as long as a wrong password does', { retry: 3 }, async () => {
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    for (let n = 0; n < 40; n++) {
      for (const kind of ['known', 'unknown'] as const) {
        const user = `${kind}-${Date.now()}-${n}`;
        const account = kind === 'known' ? await pool.addAccount(user) : { user, domain: DOMAIN, password: '' };
        const from = `127.0.1.${1 + (n % 20)}`;
        const client = await pool.client({ account: { ...account, password: WRONG }, from });
        const challenged = await client.exchange();
        const started = performance.now();
        expect((await client.answerChallenge(challenged)).status).toBe(401);
        times[kind].push(performance.now() - started);
        await client.close();
      }
    }
    const median = (list: number[]) => list.sort((a, b) => a - b)[list.length / 2]!;
    const ratio = median(times.unknown) / median(times.known);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  });
});

describe('what an administrator changes takes effect at once', () => {
  it.each(['UDP', 'TCP'] as const)('a disabled account can no longer register over %s', async (transport) => {
    const alice = await pool.client({ transport });
    await alice.register({ contacts: [alice.contact()] });
    await pool.backEnd.setAccountEnabled({ ...alice.account, enabled: false });
    expect((await alice.register({ contacts: [alice.contact()] })).status).toBe(401);

    await pool.backEnd.setAccountEnabled({ ...alice.account, enabled: true });
    const answer = await alice.register();
    expect(answer.status).toBe(200);
    expect(answer.contacts).toEqual([]);
  });

  it.each(['UDP', 'TCP'] as const)('the old password is refused over %s, the new one accepted', async (transport) => {
    const alice = await pool.client({ transport });
    await alice.register({ contacts: [alice.contact()] });
    const account = await pool.setPassword(alice.account, 'another');
    expect((await alice.register({ contacts: [alice.contact()] })).status).toBe(401);
    const renewed = await pool.client({ account, transport });
    expect((await renewed.register({ contacts: [renewed.contact()] })).status).toBe(200);
  });

  it('a removed account is gone, on an open connection too', async () => {
    const alice = await pool.client({ transport: 'TCP' });
    await alice.register({ contacts: [alice.contact()] });
    await pool.backEnd.removeAccount(alice.account);
    expect((await alice.exchange({ contacts: [alice.contact()] })).status).toBe(401);
    expect((await alice.register({ contacts: [alice.contact()] })).status).toBe(401);
  });
});
