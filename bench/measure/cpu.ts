import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ, fixed on Linux

/**
 * CPU seconds (user and system) that the processes `roots` and all their descendants have used, with the children
 * that they have already reaped. A kept figure and a later one subtract to what was used between them.
 */
export function cpuSeconds(roots: readonly number[]): number {
  const processes = readProcesses();
  let ticks = 0;
  for (const { pid, parents } of processes.values()) {
    if (roots.includes(pid) || parents.some((parent) => roots.includes(parent))) ticks += processes.get(pid)!.ticks;
  }
  return ticks / TICKS_PER_SECOND;
}

/** Resident memory of one process, bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

interface Process {
  pid: number;
  parent: number;
  parents: number[];
  ticks: number;
}

function readProcesses(): Map<number, Process> {
  const all = new Map<number, Process>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // proc(5): what follows the command, whose name may hold spaces and parentheses.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
      all.set(pid, { pid, parent: Number(fields[1]), parents: [], ticks });
    } catch {
      // It ended while we looked.
    }
  }
  for (const process of all.values()) {
    for (let up = all.get(process.parent); up && process.parents.length < 64; up = all.get(up.parent)) {
      process.parents.push(up.pid);
    }
  }
  return all;
}
