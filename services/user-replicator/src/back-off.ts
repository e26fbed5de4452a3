import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/**
 * How long to wait after the n-th failure in a row, ms: 1 s, doubled each time, 60 s at most; up to a quarter less, so that
 * replicators of several pools do not come back to a directory together.
 *
 * @param random from 0 to 1
 */
export function backOff(failures: number, random: () => number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1)) * (1 - random() / 4);
}

/** Ends early, and well, when the signal does. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}
