import { randomInt, timingSafeEqual } from 'node:crypto';
import { type Hmac, hmacSha256 } from './hmac.ts';
import { misleads } from './seal.ts';

export interface NonceKey {
  /** 0 to 255, in the nonce, so that a key can be replaced while nonces made with it are about. */
  readonly id: number;
  /** At least 32 random bytes. */
  readonly secret: Buffer;
}

export interface NonceIssuerOptions {
  /** Newest first: the first signs, all of them check. */
  keys: () => readonly NonceKey[];
  lifetimeSeconds: number;
  /** Milliseconds since 1970, of any front end alike. */
  clock: () => number;
  /** An integer from 0 to below `limit`. */
  random?: (limit: number) => number;
}

export type NonceVerdict =
  | {
      ok: true;
      /** 63 bits, rising with time, never twice from one issuer: milliseconds << 21 | what tells nonces apart. */
      id: bigint;
      /** Milliseconds since 1970. */
      issuedAt: number;
    }
  | {
      ok: false;
      /** `expired`: too old, or signed with a key that is not ours any more or not yet: challenge with `stale`. */
      reason: 'malformed' | 'forged' | 'expired';
    };

// key id (1) | id (8) | HMAC-SHA256 of both, truncated (15): 24 bytes are 32 characters of base64url without padding.
const SIGNED = 9;
const BYTES = 24;
const CHARACTERS = 32;
const LOW_BITS = 21;

/** Makes nonces, and checks them without having kept them: any front end with the keys can (RFC 7616 §5.9 to §5.11). */
export class NonceIssuer {
  readonly #options: NonceIssuerOptions;
  readonly #random: (limit: number) => number;
  readonly #macs = new Map<number, { secret: Buffer; mac: Hmac }>();
  #last = -1n;

  constructor(options: NonceIssuerOptions) {
    this.#options = options;
    this.#random = options.random ?? randomInt;
  }

  /** 32 characters that need no quoting. @throws when there is no key */
  issue(): string {
    const key = this.#options.keys()[0];
    if (!key) throw new Error('There is no key to sign a nonce with');
    const bytes = Buffer.allocUnsafe(BYTES);
    bytes[0] = key.id;
    bytes.writeBigUInt64BE(this.#nextId(), 1);
    this.#mac(key)(bytes.subarray(0, SIGNED)).copy(bytes, SIGNED);
    const nonce = bytes.toString('base64url');
    return misleads(nonce) ? this.issue() : nonce;
  }

  check(nonce: string): NonceVerdict {
    const bytes = nonce.length === CHARACTERS ? Buffer.from(nonce, 'base64url') : undefined;
    if (bytes?.length !== BYTES) return { ok: false, reason: 'malformed' };
    const key = this.#options.keys().find(({ id }) => id === bytes[0]);
    if (!key) return { ok: false, reason: 'expired' };
    const expected = this.#mac(key)(bytes.subarray(0, SIGNED)).subarray(0, BYTES - SIGNED);
    if (!timingSafeEqual(expected, bytes.subarray(SIGNED))) return { ok: false, reason: 'forged' };
    const id = bytes.readBigUInt64BE(1);
    const issuedAt = Number(id >> BigInt(LOW_BITS));
    // The clocks of two front ends may differ: a nonce from the near future is as good as one from the near past.
    const age = Math.abs(this.#options.clock() - issuedAt);
    return age > this.#options.lifetimeSeconds * 1_000 ? { ok: false, reason: 'expired' } : { ok: true, id, issuedAt };
  }

  #nextId(): bigint {
    const id = (BigInt(Math.floor(this.#options.clock())) << BigInt(LOW_BITS)) | BigInt(this.#random(1 << LOW_BITS));
    this.#last = id > this.#last ? id : this.#last + 1n;
    return this.#last;
  }

  #mac({ id, secret }: NonceKey): Hmac {
    const known = this.#macs.get(id);
    if (known?.secret === secret) return known.mac;
    const mac = hmacSha256(secret, SIGNED);
    this.#macs.set(id, { secret, mac });
    return mac;
  }
}
