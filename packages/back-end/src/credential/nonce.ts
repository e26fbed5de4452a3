import { checkInteger } from '../array-parameter.ts';
import { InvalidValueError } from '../errors.ts';

/** One use of a Digest nonce (RFC 7616 §3.4). */
export interface Nonce {
  /** 63 bits; unique, and growing with time. */
  id: bigint;
  /** "nc" */
  count: number;
}

/** Throws InvalidValueError for what the back end cannot store. */
export function checkNonce(nonce: Nonce | undefined): void {
  if (nonce === undefined) return;
  if (nonce.id < 0n || nonce.id >= 2n ** 63n) throw new InvalidValueError('nonce id is not a number of 63 bits');
  checkInteger('nonce count', nonce.count, 0, 0xffff_ffff);
}
