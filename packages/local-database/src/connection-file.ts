import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalDatabaseError, NotRunningError } from './errors.ts';
import { isLocked } from './folder-lock.ts';

/** How other commands on this machine reach a database that runs. The file is readable by its owner only. */
export interface Connection {
  /** Of the superuser; PostgreSQL's own tools take it too. */
  url: string;
  /** Of the process that runs the database. */
  processId: number;
}

const path = (folder: string): string => join(folder, 'connection.json');

/** Rejects with NotRunningError when nothing runs in the folder. */
export async function readConnection(folder: string): Promise<Connection> {
  const connection = await find(folder);
  // After a kill -9 the file is still there, but nobody holds the lock.
  if (connection && isLocked(folder)) return connection;
  throw new NotRunningError(`Nothing runs in the folder ${folder}: start it first, or name another folder.`);
}

/** What the file says, whether or not that process lives. */
export async function find(folder: string): Promise<Connection | undefined> {
  try {
    return JSON.parse(await readFile(path(folder), 'utf8')) as Connection;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new LocalDatabaseError(`${path(folder)} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}

export async function writeConnection(folder: string, connection: Connection): Promise<void> {
  const temporary = `${path(folder)}.new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, `${JSON.stringify(connection, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, path(folder));
}

export async function removeConnection(folder: string): Promise<void> {
  await rm(path(folder), { force: true });
}
