import { randomBytes } from 'node:crypto';

/** RFC 3261 §8.1.1.7: what marks a branch as unique across space and time. */
export const MAGIC_COOKIE = 'z9hG4bK';

const BYTES = 12;
const BATCH = 256;

/** Makes unpredictable branches: whoever cannot see a request cannot answer it. `random` returns that many bytes. */
export function branches(random: (size: number) => Buffer = randomBytes): () => string {
  let pool: Buffer = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at >= pool.length) {
      pool = random(BYTES * BATCH);
      at = 0;
    }
    at += BYTES;
    return MAGIC_COOKIE + pool.toString('hex', at - BYTES, at);
  };
}
