export { type Connection, readConnection } from './connection-file.ts';
export { FolderInUseError, LocalDatabaseError, NotRunningError } from './errors.ts';
export { type FolderLock, lockFolder } from './folder-lock.ts';
export {
  checkFolderIsFree,
  type LocalDatabase,
  type LocalDatabaseOptions,
  startLocalDatabase,
} from './local-database.ts';
