import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningFrontEnd } from '@rollcall/front-end';
import { challengesOf, type SipAnswer, type SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
let second: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool();
  second = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

/** A REGISTER with the nonce of `challenged`, used for the `nc`th time. */
function use(client: SipClient, challenged: SipAnswer, nc: number): Promise<SipAnswer> {
  return client.answerChallenge(challenged, { contacts: [client.contact()] }, { nc });
}

function stale(answer: SipAnswer): boolean | undefined {
  expect(answer.status).toBe(401);
  return challengesOf(answer)[0]?.stale;
}

describe('a nonce', () => {
  it('may be used again with a higher count', async () => {
    const alice = await pool.client();
    const challenged = await alice.exchange();
    for (const nc of [1, 2, 5]) expect((await use(alice, challenged, nc)).status).toBe(200);
  });

  it('used with the same or a lower count is a replay: stale, so that the phone goes on by itself', async () => {
    const alice = await pool.client();
    const challenged = await alice.exchange();
    expect((await use(alice, challenged, 3)).status).toBe(200);
    for (const nc of [3, 2, 1]) {
      const refused = await use(alice, challenged, nc);
      expect(stale(refused)).toBe(true);
      expect((await use(alice, refused, 1)).status).toBe(200);
    }
    expect((await use(alice, challenged, 4)).status).toBe(200);
  });

  it('serves once in the form of RFC 2069, which has no count', async () => {
    const alice = await pool.client();
    const challenged = await alice.exchange();
    const replay = () => alice.answerChallenge(challenged, {}, { qop: 'none' });
    expect((await replay()).status).toBe(200);
    expect(stale(await replay())).toBe(true);
  });

  it('that somebody has listened to opens nothing: the very same bytes are refused on another socket', async () => {
    const alice = await pool.client();
    const contacts = [alice.contact()];
    const authorization = alice.authorization(await alice.exchange({ contacts }));
    const request = alice.request({ contacts, headers: [['Authorization', authorization]] });
    expect((await alice.exchange(request)).status).toBe(200);
    const thief = await pool.client({ account: alice.account });
    expect(stale(await thief.exchange(request))).toBe(true);
  });

  it('of one front end is good at every other', async () => {
    const alice = await pool.client();
    const challenged = await alice.exchange();
    const elsewhere = await pool.client({ account: alice.account, frontEnd: second });
    expect((await use(elsewhere, challenged, 1)).status).toBe(200);
  });

  it('used at one front end is spent at every other', async () => {
    const alice = await pool.client();
    const challenged = await alice.exchange();
    expect((await use(alice, challenged, 2)).status).toBe(200);
    const thief = await pool.client({ account: alice.account, frontEnd: second });
    expect(stale(await use(thief, challenged, 2))).toBe(true);
    expect((await use(thief, challenged, 3)).status).toBe(200);
    expect(stale(await use(alice, challenged, 3))).toBe(true);
  });

  it('used at two front ends in the same moment is good at exactly one of them', async () => {
    const one = await pool.client();
    const other = await pool.client({ account: one.account, frontEnd: second });
    for (let nc = 1; nc <= 20; nc++) {
      const challenged = await one.exchange();
      const answers = await Promise.all([use(one, challenged, nc), use(other, challenged, nc)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    }
  });

  it('need not be used in the order in which nonces were given out', async () => {
    const alice = await pool.client();
    const [first, then] = [await alice.exchange(), await alice.exchange()];
    expect((await use(alice, then, 1)).status).toBe(200);
    expect((await use(alice, first, 1)).status).toBe(200);
  });

  it.each([
    { what: 'made up', forge: () => 'a'.repeat(32) },
    {
      what: 'changed in one letter',
      forge: (nonce: string) => nonce.slice(0, 20) + (nonce[20] === 'A' ? 'B' : 'A') + nonce.slice(21),
    },
    {
      what: 'given another time',
      forge: (nonce: string) => {
        const bytes = Buffer.from(nonce, 'base64url');
        bytes.writeUInt8((bytes[4]! + 1) % 256, 4);
        return bytes.toString('base64url');
      },
    },
    { what: 'cut short', forge: (nonce: string) => nonce.slice(0, -1) },
    { what: 'very long', forge: (nonce: string) => nonce.repeat(50) },
  ])('that is $what is worth nothing', async ({ forge }) => {
    const alice = await pool.client();
    const challenged = await alice.exchange();
    const nonce = challengesOf(challenged)[0]?.nonce ?? '';
    // The client digests the forged nonce: the response is right for it.
    const forged = {
      ...challenged,
      headers: (name: string) => challenged.headers(name).map((v) => v.replace(nonce, forge(nonce))),
    };
    const answer = await use(alice, forged, 1);
    expect(answer.status).toBe(401);
    expect((await alice.register()).contacts).toEqual([]);
  });

  it('that has grown old is stale, and the phone goes on by itself with the new one', async () => {
    const frontEnd = await pool.addFrontEnd({ nonceLifetime: 2 });
    const alice = await pool.client({ frontEnd });
    const challenged = await alice.exchange();
    expect((await use(alice, challenged, 1)).status).toBe(200);
    await sleep(2100);
    const refused = await use(alice, challenged, 2);
    expect(stale(refused)).toBe(true);
    expect((await use(alice, refused, 1)).status).toBe(200);
  });

  it('survives the front end: another one that starts later takes it', async () => {
    const first = await pool.addFrontEnd();
    const alice = await pool.client({ frontEnd: first });
    const challenged = await alice.exchange();
    await first.stop();
    const later = await pool.client({ account: alice.account, frontEnd: await pool.addFrontEnd() });
    expect((await use(later, challenged, 1)).status).toBe(200);
  });
});
