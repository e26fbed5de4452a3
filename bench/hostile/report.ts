import { describeMachine, formatTable } from '../measure/report.ts';
import type { AttackResult } from './attack.ts';
import { countWays } from './message.ts';

export interface Memory {
  /** What is in use after a garbage collection, and what the process holds then, bytes. */
  heap: number;
  resident: number;
}

export interface Outcome {
  sent: { seed: number; from: number; messages: number; warmUp: number; idleSeconds: number };
  result: AttackResult;
  drops: Record<string, number>;
  start: Memory;
  baseline: Memory;
  /** Resident, bytes. */
  peak: number;
  end: Memory;
  problems: readonly string[];
}

/** The result of a run, in Markdown. */
export function report({ sent, result, drops, start, baseline, peak, end, problems }: Outcome): string {
  const { seed, from, messages, warmUp, idleSeconds } = sent;
  const { seconds, answers, bystanders, connections, lingeringEnded } = result;
  const rows = [
    ['messages', `${messages}, seed ${seed}, in ${seconds.toFixed(0)} s (${Math.round(messages / seconds)}/s)`],
    ['of these over', listed(countWays(from, messages))],
    ['answers by status', listed(answers)],
    ['input refused or dropped', listed(drops)],
    ['connections opened', String(connections)],
    ['lingering connections ended', listed(lingeringEnded)],
    ['valid requests in their midst', `${bystanders.answered} answered right, ${bystanders.resent} resent`],
    ['slowest of them', `${bystanders.slowest} ms`],
    ...Object.entries({ start, baseline, end }).map(([when, { heap, resident }]) => [
      `heap in use (resident), ${when}`,
      `${megabytes(heap)} MB (${megabytes(resident)} MB)`,
    ]),
    ['resident, peak', `${megabytes(peak)} MB`],
  ];
  return `# hostile: mutated messages over every transport

${formatTable([['what', 'figure'], ...rows])}

Start: before the first message. Baseline: ${idleSeconds} s after ${warmUp} other messages; end: ${idleSeconds} s after the last one; each after a
garbage collection. Problems: ${problems.length === 0 ? 'none' : problems.map((problem) => `\n- ${problem}`).join('')}

${describeMachine({})}
`;
}

function listed(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}: ${count}`)
    .join(', ');
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
