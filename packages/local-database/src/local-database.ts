import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries } from './binaries.ts';
import { prepareCluster, SUPERUSER } from './cluster.ts';
import { type Connection, find, readConnection, removeConnection, writeConnection } from './connection-file.ts';
import { FolderInUseError } from './errors.ts';
import { lockFolder } from './folder-lock.ts';
import { startPostmaster, stopOrphan } from './postmaster.ts';
import { prepareServerProcesses } from './server-process.ts';
import { SETTINGS } from './settings.ts';

export interface LocalDatabaseOptions {
  /** Made when missing. Holds postgresql/ (the data), postgresql.log, connection.json, password, lock. */
  folder: string;
  /** On 127.0.0.1; default: any free one. */
  port?: number;
  /** One line of text at a time, for the user. */
  log?: (line: string) => void;
  /** Of PostgreSQL, over those in settings.ts. */
  settings?: Readonly<Record<string, string | number>>;
}

export interface LocalDatabase {
  /** Of the superuser, with the password. */
  readonly url: string;
  /** Of PostgreSQL. */
  readonly processId: number;
  /** Resolves when PostgreSQL has ended, by stop() or otherwise. */
  readonly exited: Promise<void>;
  /** Ends PostgreSQL in good order and frees the folder. */
  stop(): Promise<void>;
}

const DATABASE = 'rollcall';

/**
 * Runs a real PostgreSQL in a folder, for this process alone: it ends when this process ends, however that ends, and
 * the data are intact at the next start. Call it from the main thread: the kernel ties PostgreSQL to the thread that
 * started it.
 *
 * Rejects with FolderInUseError when a live process works in the folder, and with LocalDatabaseError, a sentence for
 * the user, when PostgreSQL cannot run there.
 */
export async function startLocalDatabase(options: LocalDatabaseOptions): Promise<LocalDatabase> {
  const log = options.log ?? (() => {});
  await mkdir(options.folder, { recursive: true });
  const folder = await realpath(options.folder);
  const dataFolder = join(folder, 'postgresql');

  const lock = await lockOrSayWho(folder);
  try {
    const binaries = findBinaries();
    await stopOrphan(dataFolder, log);
    const processes = await prepareServerProcesses(binaries, dataFolder);
    const { password } = await prepareCluster(folder, dataFolder, binaries, processes, log);
    const postmaster = await startPostmaster({
      program: binaries.postgres,
      dataFolder,
      logFile: join(folder, 'postgresql.log'),
      port: options.port,
      settings: { ...SETTINGS, ...options.settings },
      processes,
      log,
    });
    try {
      const url = (database: string) =>
        `postgresql://${SUPERUSER}:${password}@127.0.0.1:${postmaster.port}/${database}`;
      await createDatabase(url('postgres'));
      await writeConnection(folder, { url: url(DATABASE), processId: process.pid });
      let stopped: Promise<void> | undefined;
      const stop = async () => {
        await removeConnection(folder);
        await postmaster.stop();
        lock.release();
      };
      return {
        url: url(DATABASE),
        processId: postmaster.processId,
        exited: postmaster.exited,
        stop: () => {
          stopped ??= stop();
          return stopped;
        },
      };
    } catch (error) {
      await postmaster.stop();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function lockOrSayWho(folder: string) {
  try {
    return lockFolder(folder);
  } catch (error) {
    const connection = error instanceof FolderInUseError ? await find(folder) : undefined;
    if (!connection) throw error;
    throw inUse(folder, connection);
  }
}

/** Rejects with FolderInUseError when a process works in the folder: before anything else is looked at. */
export async function checkFolderIsFree(folder: string): Promise<void> {
  const connection = await readConnection(folder).catch(() => undefined);
  if (connection) throw inUse(folder, connection);
}

function inUse(folder: string, { processId }: Connection): FolderInUseError {
  return new FolderInUseError(
    `The folder ${folder} is in use by process ${processId}: stop that first, or name another folder.`,
  );
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}
