import { createHash } from 'node:crypto';
import { challengesOf } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool({ digestAlgorithms: ['SHA-512-256', 'SHA-256', 'MD5'] });
});
afterAll(() => pool.stop());

const responseIn = (authorization: string) => /response="(\w+)"/.exec(authorization)?.[1] ?? '';

it('no secret is ever logged, not even at trace: one line a request says who asked for what, and no more', async () => {
  const account = await pool.addAccount('alice', 'correct-horse-battery-staple');
  const responses: string[] = [];
  for (const transport of ['UDP', 'TCP', 'TLS'] as const) {
    const alice = await pool.client({ account, transport });
    for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256']) {
      const challenged = await alice.exchange({ callId: `${transport}-${algorithm}` });
      if (challenged.status !== 401) continue;
      const authorization = alice.authorization(challenged, {}, { algorithm });
      responses.push(responseIn(authorization), challengesOf(challenged)[0]?.nonce ?? '');
      await alice.exchange({ contacts: [alice.contact()], headers: [['Authorization', authorization]] });
      // Refused, malformed, and failing inside.
      await alice.exchange({ headers: [['Authorization', authorization.replace('response="', 'response="0')]] });
      await alice.exchange({ cseq: 1, contacts: ['<sip:a b>'], headers: [['Authorization', authorization]] });
      await alice.exchange({ callId: 'a\0b', headers: [['Authorization', authorization]] });
    }
    const wrong = await pool.client({ account: { ...account, password: 'a-typing-misteak' }, transport });
    const failing = wrong.authorization(await wrong.exchange());
    responses.push(responseIn(failing));
    expect((await wrong.exchange({ headers: [['Authorization', failing]] })).status).toBe(401);
  }

  const log = pool.log();
  expect(log).toContain('"callId":"UDP-MD5"');
  expect(log).toContain('authentication failed');
  const keys = [
    ...(await pool.backEnd.findKeys({ purpose: 'nonce', rotateAfter: 1e6, retireAfter: 2e6 })),
    ...(await pool.backEnd.findKeys({ purpose: 'gruu' })),
  ];
  const ha1s = ['md5', 'sha256', 'sha512-256'].map((algorithm) =>
    createHash(algorithm).update(`alice:${account.domain}:${account.password}`).digest(),
  );
  expect(responses.length).toBeGreaterThan(4);
  expect(keys.length).toBeGreaterThan(1);
  const { password } = new URL(pool.databaseUrl);
  const secrets = [account.password, 'a-typing-misteak', password, decodeURIComponent(password), ...responses];
  for (const bytes of [...keys.map(({ secret }) => secret), ...ha1s]) {
    secrets.push(bytes.toString('hex'), bytes.toString('base64'), bytes.toJSON().data.join(','));
  }
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(8);
    expect(log.includes(secret), `the log holds ${secret}`).toBe(false);
  }
});
