import { hash } from 'node:crypto';

const BLOCK = 64;
const DIGEST = 32;

/** Makes the authentication code, 32 bytes, of a message of the given length. */
export type Hmac = (message: Uint8Array) => Buffer;

/**
 * HMAC-SHA256 (RFC 2104) for messages of one length, over the one-shot hash: on the few bytes of a nonce it takes half
 * the time of `createHmac`. Hexadecimal output is what makes `hash` fast.
 */
export function hmacSha256(secret: Buffer, messageLength: number): Hmac {
  const key = Buffer.alloc(BLOCK);
  (secret.length > BLOCK ? hash('sha256', secret, 'buffer') : secret).copy(key);
  const inner = Buffer.alloc(BLOCK + messageLength);
  const outer = Buffer.alloc(BLOCK + DIGEST);
  for (let at = 0; at < BLOCK; at++) {
    inner[at] = key[at]! ^ 0x36;
    outer[at] = key[at]! ^ 0x5c;
  }
  return (message) => {
    inner.set(message, BLOCK);
    outer.write(hash('sha256', inner, 'hex'), BLOCK, 'hex');
    return Buffer.from(hash('sha256', outer, 'hex'), 'hex');
  };
}
