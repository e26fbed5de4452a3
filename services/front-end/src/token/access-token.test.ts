import { expect, test } from 'vitest';
import { AccessTokens, type TokenHolder, type TokenKey } from './access-token.ts';

const ALICE: TokenHolder = {
  ...{ accountId: 7, sessionId: '6f1b7c0e-5d0c-4b8a-9f0e-000000000001', credentialVersion: 3 },
  ...{ user: 'alice', domain: 'example.org', role: 'user' },
};
const START = Date.UTC(2027, 2, 1);

const key = (id: number, createdAt: number): TokenKey => ({
  id,
  secret: Buffer.alloc(32, id),
  createdAt: new Date(createdAt),
});

/** A front end that has read these keys, and reads those when it looks again. */
function frontEnd(clock: () => number, keys: TokenKey[], later = keys) {
  let read = keys;
  let reads = 0;
  const tokens = new AccessTokens({
    keys: () => read,
    reload: async () => {
      reads += 1;
      read = later;
    },
    ...{ lifetimeSeconds: 300, clock },
  });
  return { tokens, reads: () => reads };
}

const keyOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;

test('says who holds it, until it expires', async () => {
  let now = START;
  const { tokens } = frontEnd(() => now, [key(1, START)]);
  const token = await tokens.issue(ALICE);
  expect(await tokens.verify(token)).toEqual(ALICE);
  now += 299_000;
  expect(await tokens.verify(token)).toEqual(ALICE);
  now += 1000;
  expect(await tokens.verify(token)).toBeUndefined();
});

test('a new key signs when every front end has had the time to read it', async () => {
  let now = START;
  const old = key(1, START - 1_000_000);
  const { tokens } = frontEnd(() => now, [key(2, START), old]);
  expect(keyOf(await tokens.issue(ALICE))).toBe('1');
  now += 120_000;
  expect(keyOf(await tokens.issue(ALICE))).toBe('2');
});

test('a key that is not known is looked for once, however many tokens name one', async () => {
  const [mine, theirs] = [key(1, START - 1_000_000), key(2, START)];
  const token = await frontEnd(() => START, [theirs]).tokens.issue(ALICE);
  const late = frontEnd(() => START, [mine], [theirs, mine]);
  const made = (id: number) => frontEnd(() => START, [key(id, START)]).tokens.issue(ALICE);
  const forged = await Promise.all([made(3), made(4), made(999)]);
  const verdicts = await Promise.all([token, ...forged].map((one) => late.tokens.verify(one)));
  expect(verdicts).toEqual([ALICE, undefined, undefined, undefined]);
  expect(late.reads()).toBe(1);
});
