import { createCipheriv, createDecipheriv } from 'node:crypto';

/** What a temporary GRUU stands for. It is void once the endpoint's incarnation has moved on (RFC 5627 §3.2). */
export interface TemporaryGruuTarget {
  accountId: number;
  endpointId: number;
  incarnation: number;
}

/** A key as the back end hands it out; `id` (0..255) travels in the clear, `secret` is 32 bytes. */
export interface GruuKey {
  id: number;
  secret: Buffer;
}

export const TEMPORARY_GRUU_PREFIX = 'tgruu.';
const NONCE_BYTES = 12;
const TAG_BYTES = 12;
const TARGET_BYTES = 24;

/**
 * The user part of a temporary GRUU, RFC 5627 §3.2 and appendix A: opaque, different each time it is made, and
 * readable by every front end that holds the key. `random` returns that many random bytes.
 */
export function makeTemporaryGruu(
  target: TemporaryGruuTarget,
  key: GruuKey,
  random: (bytes: number) => Buffer,
): string {
  const plain = Buffer.alloc(TARGET_BYTES);
  plain.writeBigUInt64BE(BigInt(target.accountId), 0);
  plain.writeBigUInt64BE(BigInt(target.endpointId), 8);
  plain.writeBigUInt64BE(BigInt(target.incarnation), 16);
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce, { authTagLength: TAG_BYTES });
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  const token = Buffer.concat([Buffer.of(key.id), nonce, sealed, cipher.getAuthTag()]);
  return TEMPORARY_GRUU_PREFIX + token.toString('base64url');
}

/** Reads what `makeTemporaryGruu` made; undefined for anything else, forged ones included. */
export function readTemporaryGruu(user: string, keys: readonly GruuKey[]): TemporaryGruuTarget | undefined {
  if (!user.startsWith(TEMPORARY_GRUU_PREFIX) || user.length > 128) return undefined;
  const token = Buffer.from(user.slice(TEMPORARY_GRUU_PREFIX.length), 'base64url');
  if (token.length !== 1 + NONCE_BYTES + TARGET_BYTES + TAG_BYTES) return undefined;
  const key = keys.find(({ id }) => id === token[0]);
  if (!key) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key.secret, token.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(token.subarray(-TAG_BYTES));
  try {
    const plain = Buffer.concat([decipher.update(token.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return {
      accountId: Number(plain.readBigUInt64BE(0)),
      endpointId: Number(plain.readBigUInt64BE(8)),
      incarnation: Number(plain.readBigUInt64BE(16)),
    };
  } catch {
    return undefined;
  }
}
