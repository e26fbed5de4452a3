import type { AddressOfRecord } from '../account/address-of-record.ts';
import type { EndpointRemoval } from '../registration/removal.ts';
import type { DirectoryChangeRequest } from './directory-change.ts';

export interface LockDirectoryRequest {
  /** host:pid, for the status. */
  holder: string;
}

/**
 * Who has it runs; others try again. It is held by a connection of its own, on which all of its functions run one after the
 * other: whoever has lost it can change nothing, and they reject with BackEndUnavailableError.
 */
export interface DirectoryLock {
  locked: true;
  /** Clears what was staged before. */
  beginDirectoryRun(request: { full: boolean; now?: Date }): Promise<BegunDirectoryRun>;
  /** Up to about 1,000 a call; the last one of an entry counts. Nothing else changes yet. */
  stageDirectoryChanges(changes: readonly DirectoryChangeRequest[]): Promise<void>;
  applyDirectoryChanges(request: ApplyDirectoryChangesRequest): Promise<ApplyDirectoryChangesOutcome>;
  /** Ends the run. `code`: of a DirectoryError. */
  failDirectoryRun(request: { code?: string; error: string; now?: Date }): Promise<void>;
  /** Removes accounts whose entries have been gone for `graceDays`, at most `limit` (default 1,000), each in a transaction. */
  removeGoneAccounts(
    request: RemoveGoneAccountsRequest,
  ): Promise<{ removed: number; changes: DirectoryAccountChanges }>;
  /** Ids of the entries that were read as members of a group (its DN as configured). */
  knownMembers(group: string): Promise<string[]>;
  release(): Promise<void>;
  /** Resolves when the lock is gone, lost or released. */
  readonly lost: Promise<void>;
}

export type LockDirectoryOutcome = DirectoryLock | { locked: false };

export interface BegunDirectoryRun {
  cookie?: Buffer;
  cookieAt?: Date;
  lastFullAt?: Date;
}

export interface RemoveGoneAccountsRequest {
  graceDays: number;
  /** Default 1,000. */
  limit?: number;
  now?: Date;
}

export interface ApplyDirectoryChangesRequest {
  /** What was staged is everything there is: entries that were not are gone. */
  full: boolean;
  /** In a full run: names of branches that could not be read. Who was there stays as before. */
  elsewhere?: readonly string[];
  /** Written with the last batch. */
  cookie: Buffer;
  /** Of the enabled accounts of the directory. */
  disableLimitPercent: number;
  onProgress?(done: number, total: number): void;
  /** After each batch, which has committed: publish them (publishDirectoryChanges). */
  onChanges?(changes: DirectoryAccountChanges): void;
  now?: Date;
}

export interface DirectoryCounts {
  /** Persons, skipped entries and deletions that were staged. */
  entries: number;
  added: number;
  /** Accounts of which anything changed, also in the address book. */
  changed: number;
  disabled: number;
  /** Entries found gone. */
  removed: number;
  /** Entries that have one now, all runs together. */
  conflicts: number;
  skipped: number;
}

export type ApplyDirectoryChangesOutcome =
  | { outcome: 'applied'; counts: DirectoryCounts }
  /** Nothing was applied: `would` of `of` enabled accounts would have been disabled. */
  | { outcome: 'too_many'; would: number; of: number };

/** What the pool is told of after a batch: see publishDirectoryChanges. */
export interface DirectoryAccountChanges {
  /** Their flows end and what was verified of them is dropped; of one that has moved both addresses. */
  accounts: AddressOfRecord[];
  /** The endpoints that left. */
  removed: EndpointRemoval[];
  /** Accounts of which notifications are due. */
  watched: number[];
}
