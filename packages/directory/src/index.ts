export { createBinder } from './binder.ts';
export { DirectoryError, type DirectoryErrorCode } from './errors.ts';
export {
  type DirectoryServer,
  type DirectorySettings,
  directoryShape,
  readDirectorySettings,
  replicatorShape,
} from './settings.ts';
export { openSource } from './source.ts';
export type {
  Binder,
  BindResult,
  ChangesFrom,
  DirectoryChange,
  DirectoryEntry,
  DirectoryKind,
  DirectorySource,
  SourceRun,
} from './types.ts';
