/** What keeps a local database from starting, as a sentence for the user. */
export class LocalDatabaseError extends Error {
  override readonly name: string = 'LocalDatabaseError';
}

/** A live process works in the folder. */
export class FolderInUseError extends LocalDatabaseError {
  override readonly name = 'FolderInUseError';
}

/** Nobody works in the folder, so there is nothing to connect to. */
export class NotRunningError extends LocalDatabaseError {
  override readonly name = 'NotRunningError';
}
