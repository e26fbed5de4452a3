import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FolderInUseError, LocalDatabaseError } from './errors.ts';

export interface FolderLock {
  release(): void;
}

const SQLITE_BUSY = 5;

/**
 * Locks a folder for this process, or throws FolderInUseError.
 *
 * Node has no flock, but SQLite has: an exclusive transaction on an empty file is a lock that the kernel drops when the
 * process ends, however it ends. So there is no stale lock, and no race for one.
 */
export function lockFolder(folder: string): FolderLock {
  let database: DatabaseSync | undefined;
  try {
    // A command that only looks whether somebody is there (isLocked) holds the lock for an instant.
    database = new DatabaseSync(join(folder, 'lock'), { timeout: 300 });
    database.exec('pragma journal_mode = memory; begin exclusive');
    const held = database;
    return { release: () => held.close() };
  } catch (error) {
    database?.close();
    if (isBusy(error)) throw new FolderInUseError(`The folder ${folder} is in use by another process.`);
    throw new LocalDatabaseError(`The folder ${folder} cannot be locked: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

export function isLocked(folder: string): boolean {
  try {
    lockFolder(folder).release();
    return false;
  } catch (error) {
    if (error instanceof FolderInUseError) return true;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === SQLITE_BUSY;
}
