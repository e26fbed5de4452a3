import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessages } from './message.ts';

const message = (keys: string[] | undefined) => ({ topic: 'account' as const, sender: 'me', keys });
const decoded = (keys: string[], limit: number) =>
  encodeMessages(message(keys), limit).map((text) => {
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
    return decodeMessage(text)?.keys;
  });

describe('messages of the bus', () => {
  it('hold many keys, and arrive as they were sent', () => {
    const keys = ['alice@example.org', 'comma, "quote" and\nnewline', 'søren@example.org', '👩'];
    expect(decoded(keys, 7900)).toEqual([keys]);
  });

  it('never exceed the limit, down to the byte', () => {
    const keys = Array.from({ length: 500 }, (_, n) => `${'é'.repeat(n % 90)}${n}`);
    for (const limit of [7900, 400, 257]) expect(decoded(keys, limit).flat()).toEqual(keys);
    expect(encodeMessages(message(keys), 7900).length).toBeLessThan(10);
  });

  it('become one that stands for everything when a key alone is too long', () => {
    expect(decoded(['short', 'x'.repeat(400)], 400)).toEqual([undefined]);
    expect(encodeMessages(message(undefined), 400).map(decodeMessage)).toEqual([message(undefined)]);
  });

  it.each(['', '{', '{}', '[]', '["account"]', '["unknown","me","key"]', '["account","me",1]', 'null', '"account"'])(
    'that are none (%s) are passed over',
    (text) => expect(decodeMessage(text)).toBeUndefined(),
  );
});
