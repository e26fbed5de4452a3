/** A folder for each test, and what runs in it; all of it is stopped and removed afterwards. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type LocalDatabase, type LocalDatabaseOptions, startLocalDatabase } from '../src/index.ts';

/** As a first start leaves it, to be copied: most tests need not wait for initdb. */
let template: string;
export let parent: string;
export let folder: string;
const children: ChildProcess[] = [];
const databases: LocalDatabase[] = [];
beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'rollcall-local-'));
  await (await startLocalDatabase({ folder: join(template, 'data') })).stop();
});
afterAll(() => rm(template, { recursive: true }));
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rollcall-local-'));
  folder = join(parent, 'data');
  await promisify(execFile)('cp', ['-a', join(template, 'data'), folder]);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const database of databases.splice(0)) await database.stop();
  await until(async () => !(await exists(join(folder, 'postgresql', 'postmaster.pid'))));
  await rm(parent, { recursive: true, force: true });
});

export async function start(options: Omit<LocalDatabaseOptions, 'folder'> = {}): Promise<LocalDatabase> {
  const database = await startLocalDatabase({ folder, ...options });
  databases.push(database);
  return database;
}

export interface Holder {
  child: ChildProcess;
  lines: AsyncIterableIterator<string>;
  url: string;
  processId: number;
}

/** A process of its own that holds the folder. */
export async function hold(): Promise<Holder> {
  const { child, lines } = run();
  const answer = await firstAnswer(lines);
  return { child, lines, url: String(answer.url), processId: Number(answer.processId) };
}

export function run(): { child: ChildProcess; lines: AsyncIterableIterator<string> } {
  const program = fileURLToPath(new URL('hold-folder.ts', import.meta.url));
  // A process group of its own, as a shell's job has.
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  children.push(child);
  return { child, lines: createInterface(child.stdout!)[Symbol.asyncIterator]() };
}

export async function firstAnswer(lines: AsyncIterableIterator<string>): Promise<Record<string, unknown>> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) return {};
    const answer = JSON.parse(value) as Record<string, unknown>;
    if (!('line' in answer)) return answer;
  }
}

export async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}
