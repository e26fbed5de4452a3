import { randomBytes } from 'node:crypto';

const POOL = 4096;

/** `randomBytes` for a few bytes at a time, each given out once: most of what a call to it costs is the call (2 µs). */
export function pooledRandom(random: (size: number) => Buffer = randomBytes): (size: number) => Buffer {
  let pool: Buffer = Buffer.alloc(0);
  let at = 0;
  return (size) => {
    if (at + size > pool.length) {
      pool = random(Math.max(POOL, size));
      at = 0;
    }
    at += size;
    return pool.subarray(at - size, at);
  };
}
