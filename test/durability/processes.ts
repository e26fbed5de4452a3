import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The process id of the PostgreSQL in a data folder: the first line of its postmaster.pid. */
export function postgresqlOf(data: string): number {
  return Number(readFileSync(join(data, 'postgresql', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** A process and all that descend from it. */
export function family(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
  return [pid, ...children.flatMap(family)];
}

/** kill -9 of all of them, as at once as it can be. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with its parent.
    }
  }
}

/** Resolves when none of them runs any more. */
export async function allGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isRunning(pid: number): boolean {
  try {
    // An ended process whose parent has not looked yet runs no more: proc(5), state Z.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
