import { createCipheriv, createDecipheriv } from 'node:crypto';

/** `id` (0..255) travels in the clear, `secret` is 32 bytes. */
export interface SealKey {
  id: number;
  secret: Buffer;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 12;
const CIPHER = 'aes-256-gcm';

/**
 * Encrypts and authenticates a few bytes, with what they belong to (AES-256-GCM), as text for a URI. `random` returns
 * that many random bytes.
 */
export function seal(plain: Buffer, key: SealKey, random: (bytes: number) => Buffer, belongsTo = ''): string {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  if (belongsTo !== '') cipher.setAAD(Buffer.from(belongsTo));
  const sealed = cipher.update(plain);
  cipher.final();
  const text = Buffer.concat([Buffer.of(key.id), nonce, sealed, cipher.getAuthTag()]).toString('base64url');
  return misleads(text) ? seal(plain, key, random, belongsTo) : text;
}

/**
 * SIPp takes the first "CSeq" of a message for the header field, wherever it stands, and gives a call up over it: one in some
 * 100,000 random tokens has these letters.
 */
export function misleads(token: string): boolean {
  return token.includes('CSeq');
}

/** Reads the `length` bytes that were sealed; undefined for anything forged, cut, or of another key or owner. */
export function unseal(text: string, length: number, keys: readonly SealKey[], belongsTo = ''): Buffer | undefined {
  const total = 1 + NONCE_BYTES + length + TAG_BYTES;
  if (text.length !== Math.ceil((total * 4) / 3)) return undefined;
  const token = Buffer.from(text, 'base64url');
  if (token.length !== total) return undefined;
  const key = keys.find(({ id }) => id === token[0]);
  if (!key) return undefined;
  const nonce = token.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key.secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(token.subarray(-TAG_BYTES));
  if (belongsTo !== '') decipher.setAAD(Buffer.from(belongsTo));
  const plain = decipher.update(token.subarray(1 + NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}
