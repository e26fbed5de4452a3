import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SippRun {
  scenario: string;
  /** CSV for `-inf`: field0 user, field1 `[authentication …]`. */
  users: string;
  target: string;
  calls: number;
  /** Calls at once: a closed loop, so that the server sets the pace. */
  concurrency: number;
  transport?: 'u1' | 't1' | 'tn' | 'l1';
  timeoutSeconds: number;
  port?: number;
  /** More CSV files for `-inf`, by the name that the scenario has for them. */
  files?: Readonly<Record<string, string>>;
  /**
   * An INVITE's 2xx that comes again (RFC 3261 §13.3.1.4) is ignored. Else SIPp ends the call over it. Whoever gets another
   * answer than the one that it waits for fails after 20 s.
   */
  ignoresUnexpected?: boolean;
  /** Words of the scenario and what is to stand in their place. */
  values?: Readonly<Record<string, string | number>>;
}

export interface SippResult {
  succeeded: number;
  failed: number;
  retransmissions: number;
  seconds: number;
  /** ms of each call, from its first request to its last answer. */
  times: number[];
  /** What SIPp says of the first thing that went wrong; it may have gone on. */
  firstError?: string | undefined;
}

/** What was measured in pieces, as one. */
export function sumOf(results: readonly SippResult[]): SippResult {
  const sum = (pick: (result: SippResult) => number) => results.reduce((total, result) => total + pick(result), 0);
  return {
    succeeded: sum((result) => result.succeeded),
    failed: sum((result) => result.failed),
    retransmissions: sum((result) => result.retransmissions),
    seconds: sum((result) => result.seconds),
    times: results.flatMap((result) => result.times),
  };
}

/** The time that a share of the calls, 0 to 1, did not exceed. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = Float64Array.from(times).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Runs SIPp to its end and reads its own statistics. @throws when it could not run or left no figures. */
export async function runSipp(run: SippRun): Promise<SippResult> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-sipp-'));
  const stats = join(folder, 'stats.csv');
  // SIPp writes its traces beside the scenario.
  const scenario = join(folder, 'scenario.xml');
  try {
    let text = await readFile(run.scenario, 'utf8');
    for (const [word, value] of Object.entries(run.values ?? {})) text = text.replaceAll(word, String(value));
    await writeFile(scenario, text);
    for (const [name, file] of Object.entries(run.files ?? {})) await copyFile(file, join(folder, name));
    const args = [
      run.target,
      ...['-sf', scenario, '-inf', run.users, '-i', '127.0.0.1', '-m', String(run.calls)],
      ...['-r', '100000', '-l', String(run.concurrency), '-t', run.transport ?? 'u1', '-max_socket', '15000'],
      ...['-trace_stat', '-stf', stats, '-fd', '1', '-trace_rtt', '-rtt_freq', '200', '-trace_err'],
      ...['-nostdin', '-recv_timeout', '20000', '-timeout', String(run.timeoutSeconds), '-buff_size', '1000000'],
      ...Object.keys(run.files ?? {}).flatMap((name) => ['-inf', name]),
      ...(run.ignoresUnexpected ? ['-default_behaviors', 'all,-abortunexp'] : []),
      ...(run.port ? ['-p', String(run.port)] : []),
    ];
    const output = await execute('sipp', args, folder);
    const statistics = await readStatistics(stats, output);
    return { ...statistics, times: await readTimes(folder), firstError: await readFirstError(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function execute(command: string, args: string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TERM: 'dumb' },
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    // Its exit status only says whether a call failed; the statistics say how many.
    child.on('close', () => resolve(output));
  });
}

async function readStatistics(file: string, output: string) {
  const lines = (await readFile(file, 'utf8').catch(() => '')).trim().split('\n');
  const names = lines[0]?.split(';') ?? [];
  const values = lines.at(-1)?.split(';') ?? [];
  const figure = (name: string) => Number(values[names.indexOf(name)]);
  const succeeded = figure('SuccessfulCall(C)');
  if (lines.length < 2 || Number.isNaN(succeeded)) throw new Error(`sipp left no statistics:\n${output}`);
  const time = (name: string) => Number(values[names.indexOf(name)]?.split('\t')[2]);
  return {
    succeeded,
    failed: figure('FailedCall(C)'),
    retransmissions: figure('Retransmissions(C)'),
    seconds: time('CurrentTime') - time('StartTime'),
  };
}

async function readTimes(folder: string): Promise<number[]> {
  const file = (await readdir(folder)).find((name) => name.endsWith('_rtt.csv'));
  const lines = file ? (await readFile(join(folder, file), 'utf8')).trim().split('\n').slice(1) : [];
  return lines.map((line) => Number(line.split(';')[1])).filter((time) => !Number.isNaN(time));
}

async function readFirstError(folder: string): Promise<string | undefined> {
  const file = (await readdir(folder)).find((name) => name.endsWith('_errors.log'));
  return file && (await readFile(join(folder, file), 'utf8')).slice(0, 3000);
}
