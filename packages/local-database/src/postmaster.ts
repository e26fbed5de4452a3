import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir, readFile, readlink, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalDatabaseError } from './errors.ts';
import type { ServerProcesses } from './server-process.ts';

/** PostgreSQL's main process. */
export interface Postmaster {
  readonly processId: number;
  readonly port: number;
  /** Resolves when the process has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** A fast shutdown: sessions end, everything is written. */
  stop(): Promise<void>;
}

export interface PostmasterOptions {
  program: string;
  dataFolder: string;
  logFile: string;
  /** Default: any free one. */
  port: number | undefined;
  settings: Readonly<Record<string, string | number>>;
  processes: ServerProcesses;
  log: (line: string) => void;
}

const LOG_BYTES = 10 * 1024 * 1024;
const POLL_MILLISECONDS = 10;

/** Resolves when PostgreSQL accepts connections; that may take a while after a crash. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const logStart = await rotateLog(options.logFile);
    const postmaster = await spawnPostmaster(options, port);
    if (await isReady(options, postmaster)) return postmaster;

    const lines = (await readFile(options.logFile)).subarray(logStart).toString('utf8').trim();
    const portTaken = lines.includes('could not create any TCP/IP sockets');
    // Somebody took the free port before PostgreSQL could.
    if (portTaken && options.port === undefined && attempt < 5) continue;
    if (portTaken) throw new LocalDatabaseError(`Port ${port} of 127.0.0.1 is taken: PostgreSQL cannot listen there.`);
    throw new LocalDatabaseError(`PostgreSQL did not start:\n${lines.split('\n').slice(-10).join('\n')}`);
  }
}

async function spawnPostmaster(options: PostmasterOptions, port: number): Promise<Postmaster> {
  const { program, dataFolder, logFile, processes, settings } = options;
  const parameters = Object.entries({ ...settings, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logHandle = await open(logFile, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = processes.spawn(program, ['-D', dataFolder, ...parameters], {
      stdio: ['ignore', logHandle.fd, logHandle.fd],
    });
    await once(child, 'spawn');
  } finally {
    await logHandle.close();
  }
  const exited = once(child, 'exit').then(() => {});
  return {
    processId: child.pid!,
    port,
    exited,
    stop: async () => {
      child.kill('SIGINT');
      await exited;
    },
  };
}

/** PostgreSQL writes its state into the eighth line of postmaster.pid. False: the process has ended. */
async function isReady({ dataFolder, log }: PostmasterOptions, postmaster: Postmaster): Promise<boolean> {
  let ended = false;
  void postmaster.exited.then(() => {
    ended = true;
  });
  for (let polls = 1; !ended; polls++) {
    const lines = await readPidFile(dataFolder);
    if (Number(lines?.[0]) === postmaster.processId && lines?.[7]?.startsWith('ready')) return true;
    if (polls % 500 === 0) log('PostgreSQL is recovering after a crash; still waiting for it');
    await sleep(POLL_MILLISECONDS);
  }
  return false;
}

/**
 * Ends a PostgreSQL that still runs in the folder although the process that started it is gone; we hold the folder's
 * lock. On Linux only: elsewhere PostgreSQL's own lock file refuses a second server.
 */
export async function stopOrphan(dataFolder: string, log: (line: string) => void): Promise<void> {
  if (process.platform !== 'linux') return;
  const postmaster = Number((await readPidFile(dataFolder))?.[0]);
  for (let polls = 0; ; polls++) {
    const left = await processesIn(dataFolder);
    if (left.length === 0) break;
    if (polls === 0) {
      log(`stopping the PostgreSQL (process ${postmaster}) that an earlier start left behind`);
      if (left.includes(postmaster)) process.kill(postmaster, 'SIGINT');
    }
    // A session that does not end must not keep us from starting; the log is replayed.
    if (polls === 3_000) for (const processId of left) process.kill(processId, 'SIGQUIT');
    await sleep(POLL_MILLISECONDS);
  }
  // Nobody is there. The number in the file may be another process's by now, and PostgreSQL would take that for its own.
  await rm(join(dataFolder, 'postmaster.pid'), { force: true });
}

/** All of PostgreSQL's processes work in the data folder. */
async function processesIn(dataFolder: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // Another user's process is not readable, and not ours.
    const folder = await readlink(`/proc/${name}/cwd`).catch(() => undefined);
    if (folder === dataFolder) found.push(Number(name));
  }
  return found;
}

async function readPidFile(dataFolder: string): Promise<string[] | undefined> {
  try {
    return (await readFile(join(dataFolder, 'postmaster.pid'), 'utf8')).split('\n');
  } catch {
    return undefined;
  }
}

/** Keeps the log and one older one; resolves to where the lines of this start begin. */
async function rotateLog(logFile: string): Promise<number> {
  const size = await stat(logFile).then(
    (file) => file.size,
    () => 0,
  );
  if (size < LOG_BYTES) return size;
  await rename(logFile, `${logFile}.1`);
  return 0;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
