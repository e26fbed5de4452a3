import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../presence/random.ts';
import type { Replica } from './replica.ts';

export interface Trouble {
  kind: 'kill' | 'cut';
  replica: Replica;
  /** How many pieces of data had gone between replicas, database and directory. */
  pieces: number;
}

/** When nothing goes to and fro any more it happens nevertheless. ms */
const LONGEST_WAIT_MS = 5000;

/**
 * Breaks one of the replicas: not at some time but at some piece of data on its way to or from the database or the directory, since
 * between runs little goes on. That piece still arrives, or not; none after it does.
 *
 * @param options.most pieces before; `words`: only those count that have them
 */
export async function breakOne(
  replicas: readonly Replica[],
  chance: Chance,
  { most, kind, words = '' }: { most: number; kind: Trouble['kind']; words?: string },
): Promise<Trouble> {
  const wanted = Math.ceil(chance.between(0, most));
  const arrives = chance.happens(0.5);
  let pieces = 0;
  let broken: Replica | undefined;
  const done = new Promise<void>((resolve) => {
    for (const replica of replicas) {
      for (const proxy of replica.proxies) {
        proxy.onData = (bytes) => {
          if (broken === replica) return false;
          if (!bytes.includes(words)) return true;
          pieces += 1;
          if (broken || pieces < wanted) return true;
          broken = replica;
          if (kind === 'kill') replica.child.kill('SIGKILL');
          resolve();
          return arrives;
        };
      }
    }
  });
  await Promise.race([done, sleep(LONGEST_WAIT_MS, undefined, { ref: false })]);
  broken ??= chance.of(replicas);
  const replica = broken;
  if (kind === 'cut') for (const proxy of replica.proxies) proxy.cut();
  else await replica.kill();
  for (const { proxies } of replicas) for (const proxy of proxies) proxy.onData = () => true;
  return { kind, replica, pieces };
}
