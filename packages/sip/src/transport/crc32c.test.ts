import { expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

it.each([
  ['the check value of the polynomial', Buffer.from('123456789'), 0xe3069283],
  ['RFC 3720 §B.4: 32 bytes of zeroes', Buffer.alloc(32), 0x8a9136aa],
  ['RFC 3720 §B.4: 32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['RFC 3720 §B.4: 32 incrementing bytes', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
  ['nothing', Buffer.alloc(0), 0],
])('CRC32C: %s', (_what, bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
});
