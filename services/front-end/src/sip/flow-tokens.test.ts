import { randomBytes } from 'node:crypto';
import { makeFlowToken } from '@rollcall/sip';
import { expect, test } from 'vitest';
import { FlowTokens } from './flow-tokens.ts';

const key = (id: number) => ({ id, secret: randomBytes(32) });
const target = { frontEndId: 1, flow: 'tcp:7', accountId: 2, endpointId: 3, instanceHash: '' };

test('a token is what it names, however often it is made and read', () => {
  const keys = [key(1)];
  const tokens = new FlowTokens(() => keys);
  for (let time = 0; time < 3; time++) {
    expect(tokens.make(target)).toBe(makeFlowToken(target, keys[0]!));
    expect(tokens.read(tokens.make(target))).toEqual(target);
  }
});

test.each([
  { frontEndId: 9 },
  { flow: 'tcp:8' },
  { accountId: 9 },
  { endpointId: 9 },
  { instanceHash: '00112233445566ff' },
])('another %o has another token, also right after', (change) => {
  const keys = [key(1)];
  const tokens = new FlowTokens(() => keys);
  tokens.make(target);
  const moved = { ...target, ...change };
  expect(tokens.make(moved)).toBe(makeFlowToken(moved, keys[0]!));
  expect(tokens.read(tokens.make(moved))).toEqual(moved);
});

test('one that is forged is refused each time, and so is one that was good, with a letter changed', () => {
  const keys = [key(1)];
  const tokens = new FlowTokens(() => keys);
  const good = tokens.make(target);
  tokens.read(good);
  const changed = good.slice(0, -3) + (good.at(-3) === 'A' ? 'B' : 'A') + good.slice(-2);
  for (const token of [changed, changed, makeFlowToken(target, key(1)), '', 'flw.']) {
    expect(tokens.read(token)).toBeUndefined();
  }
});

test('with other keys nothing of before counts', () => {
  let keys = [key(1)];
  const tokens = new FlowTokens(() => keys);
  const before = tokens.make(target);
  expect(tokens.read(before)).toEqual(target);
  keys = [key(1)];
  expect(tokens.read(before)).toBeUndefined();
  expect(tokens.make(target)).not.toBe(before);
});
