import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacSha256 } from './hmac.ts';

test('is what createHmac makes, for any key', () => {
  const bytes = fc.uint8Array({ maxLength: 100 });
  fc.assert(
    fc.property(bytes, bytes, bytes, (secret, message, other) => {
      const mac = hmacSha256(Buffer.from(secret), message.length);
      if (other.length >= message.length) mac(other.subarray(0, message.length));
      expect(mac(message)).toEqual(createHmac('sha256', secret).update(message).digest());
    }),
  );
});
