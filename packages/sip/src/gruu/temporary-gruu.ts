import { type SealKey, seal, unseal } from '../auth/index.ts';

/** What a temporary GRUU stands for. It is void once the endpoint's incarnation has moved on (RFC 5627 §3.2). */
export interface TemporaryGruuTarget {
  accountId: number;
  endpointId: number;
  incarnation: number;
}

/** A key as the back end hands it out. */
export type GruuKey = SealKey;

export const TEMPORARY_GRUU_PREFIX = 'tgruu.';
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
  return TEMPORARY_GRUU_PREFIX + seal(plain, key, random);
}

/** Reads what `makeTemporaryGruu` made; undefined for anything else, forged ones included. */
export function readTemporaryGruu(user: string, keys: readonly GruuKey[]): TemporaryGruuTarget | undefined {
  if (!user.startsWith(TEMPORARY_GRUU_PREFIX)) return undefined;
  const plain = unseal(user.slice(TEMPORARY_GRUU_PREFIX.length), TARGET_BYTES, keys);
  if (!plain) return undefined;
  return {
    accountId: Number(plain.readBigUInt64BE(0)),
    endpointId: Number(plain.readBigUInt64BE(8)),
    incarnation: Number(plain.readBigUInt64BE(16)),
  };
}
