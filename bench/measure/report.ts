import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';

/** Rows as an aligned Markdown table; the first row names the columns. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}

/** What the figures were measured on: they mean nothing without it. */
export function describeMachine(versions: Record<string, string | undefined>): string {
  const [cpu] = cpus();
  const lines = {
    machine: `${cpus().length} cores (${cpu?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    ...versions,
    sipp: /SIPp v([\w.]+)/.exec(output('sipp', ['-v']))?.[1],
    'Node.js': process.version,
    commit: output('git', ['rev-parse', '--short', 'HEAD']).trim(),
  };
  return Object.entries(lines)
    .map(([name, value]) => `- ${name}: ${value ?? 'not installed'}`)
    .join('\n');
}

/** Keeps a result as bench/results/NAME-DATE.md. */
export async function writeResult(name: string, text: string): Promise<string> {
  const folder = new URL('../results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = `${name}-${new Date().toISOString().slice(0, 10)}.md`;
  await writeFile(new URL(file, folder), text);
  return `bench/results/${file}`;
}

function output(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch (error) {
    // SIPp prints its version and exits with 99.
    return String((error as { stdout?: string }).stdout ?? '');
  }
}
