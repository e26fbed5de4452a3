import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { seal, unseal } from './seal.ts';

test('a token never has the letters that SIPp takes for a header field', () => {
  const key = { id: 1, secret: randomBytes(32) };
  // The token is the key's id, then this, in base64url.
  const unlucky = Buffer.concat([Buffer.from('AACSeq', 'base64url').subarray(0, 2), Buffer.alloc(10)]);
  Buffer.from('CSeq', 'base64url').copy(unlucky, 2);
  let calls = 0;
  const token = seal(Buffer.from('alice'), key, (bytes) => (calls++ === 0 ? unlucky : randomBytes(bytes)), 'call');
  expect(calls).toBe(2);
  expect(token).not.toContain('CSeq');
  expect(unseal(token, 5, [key], 'call')?.toString()).toBe('alice');
});
