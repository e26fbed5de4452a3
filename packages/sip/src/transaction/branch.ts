import { pooledRandom } from '../auth/index.ts';

/** RFC 3261 §8.1.1.7: what marks a branch as unique across space and time. */
export const MAGIC_COOKIE = 'z9hG4bK';

const BYTES = 12;

/** Makes unpredictable branches: whoever cannot see a request cannot answer it. `random` returns that many bytes. */
export function branches(random: (size: number) => Buffer = pooledRandom()): () => string {
  return () => MAGIC_COOKIE + random(BYTES).toString('hex');
}
