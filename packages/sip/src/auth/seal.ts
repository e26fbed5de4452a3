import { type Cipheriv, createCipheriv, hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { type Hmac, hmacSha256 } from './hmac.ts';

/** `id` (0..255) travels in the clear, `secret` is 32 bytes. */
export interface SealKey {
  id: number;
  secret: Buffer;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 12;
/** Two blocks of AES. */
const MAXIMUM_PLAIN = 32;
/** Nonces of which a turn of the cipher makes the key stream: each call of it costs more than the blocks do. */
const POOL = 64;
/** In characters of an owner that goes into the code as it is; a longer one goes in as its hash. */
const MAXIMUM_OWNER = 128;
const MAC_BLOCK = 64;

/**
 * Encrypts and authenticates up to 32 bytes, with what they belong to, as text for a URI. `random` returns that many random bytes.
 * @throws RangeError when they are more
 *
 * AES-256 in counter mode, then HMAC-SHA256 over all of it (encrypt-then-MAC): with one-shot hashes and a cipher that stays it
 * takes less than half of the time of AES-GCM, of which Node makes an object each time (2.5 in place of 6 µs, twice a call).
 */
export function seal(plain: Buffer, key: SealKey, random: (bytes: number) => Buffer, belongsTo = ''): string {
  if (plain.length > MAXIMUM_PLAIN) throw new RangeError(`${plain.length} bytes are too many to be sealed`);
  const token = Buffer.allocUnsafe(1 + NONCE_BYTES + plain.length + TAG_BYTES);
  const end = token.length - TAG_BYTES;
  token[0] = key.id;
  const stream = keysOf(key.secret).take(random, token);
  for (let at = 0; at < plain.length; at++) token[1 + NONCE_BYTES + at] = plain[at]! ^ stream[at]!;
  keysOf(key.secret).code(token, end, belongsTo).copy(token, end, 0, TAG_BYTES);
  const text = token.toString('base64url');
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
  const end = total - TAG_BYTES;
  const code = keysOf(key.secret).code(token, end, belongsTo).subarray(0, TAG_BYTES);
  if (!timingSafeEqual(code, token.subarray(end))) return undefined;
  const stream = keysOf(key.secret).streamOf(token.subarray(1, 1 + NONCE_BYTES));
  const plain = token.subarray(1 + NONCE_BYTES, end);
  for (let at = 0; at < plain.length; at++) plain[at]! ^= stream[at]!;
  return plain;
}

/** What is made of a secret once. */
class DerivedKeys {
  /** AES of single blocks, each by itself: the counter is ours. */
  readonly #cipher: Cipheriv;
  readonly #authentication: Buffer;
  /** By the number of blocks of their message. */
  readonly #macs: Hmac[] = [];
  /** Nonces and their streams that nobody has used. */
  #nonces: Buffer = Buffer.alloc(0);
  #streams: Buffer = Buffer.alloc(0);
  #taken = POOL;

  constructor(secret: Buffer) {
    const derived = (use: string) => Buffer.from(hkdfSync('sha256', secret, '', `rollcall seal ${use}`, 32));
    this.#cipher = createCipheriv('aes-256-ecb', derived('encryption'), null).setAutoPadding(false);
    this.#authentication = derived('authentication');
  }

  /** A nonce that was never used, written behind the key's id, and its stream. */
  take(random: (bytes: number) => Buffer, token: Buffer): Buffer {
    if (this.#taken === POOL) {
      this.#nonces = random(POOL * NONCE_BYTES);
      this.#streams = this.streamOf(this.#nonces);
      this.#taken = 0;
    }
    const at = this.#taken++;
    this.#nonces.copy(token, 1, at * NONCE_BYTES, (at + 1) * NONCE_BYTES);
    return this.#streams.subarray(at * MAXIMUM_PLAIN, (at + 1) * MAXIMUM_PLAIN);
  }

  /** The key stream of each of the nonces: nonce | counter (4), for two blocks. */
  streamOf(nonces: Buffer): Buffer {
    const counted = Buffer.alloc((nonces.length / NONCE_BYTES) * MAXIMUM_PLAIN);
    for (let from = 0, to = 0; to < counted.length; from += NONCE_BYTES, to += MAXIMUM_PLAIN) {
      nonces.copy(counted, to, from, from + NONCE_BYTES);
      nonces.copy(counted, to + 16, from, from + NONCE_BYTES);
      counted[to + 31] = 1;
    }
    return this.#cipher.update(counted);
  }

  /** Of the first `end` bytes of the token, and of its owner: their lengths are in it, so that nothing reads as something else. */
  code(token: Buffer, end: number, belongsTo: string): Buffer {
    const long = belongsTo.length > MAXIMUM_OWNER;
    const owned = scratch.write(long ? hash('sha256', belongsTo) : belongsTo, 4);
    scratch[0] = long ? 1 : 0;
    scratch.writeUInt16BE(owned, 1);
    scratch[3] = end;
    token.copy(scratch, 4 + owned, 0, end);
    const blocks = Math.ceil((4 + owned + end) / MAC_BLOCK);
    scratch.fill(0, 4 + owned + end, blocks * MAC_BLOCK);
    this.#macs[blocks] ??= hmacSha256(this.#authentication, blocks * MAC_BLOCK);
    return this.#macs[blocks](scratch.subarray(0, blocks * MAC_BLOCK));
  }
}

const scratch = Buffer.alloc(4 + 3 * MAXIMUM_OWNER + 1 + NONCE_BYTES + MAXIMUM_PLAIN + MAC_BLOCK);

/** Kept as long as the secret is. */
const derived = new WeakMap<Buffer, DerivedKeys>();

function keysOf(secret: Buffer): DerivedKeys {
  let keys = derived.get(secret);
  if (!keys) {
    keys = new DerivedKeys(secret);
    derived.set(secret, keys);
  }
  return keys;
}
