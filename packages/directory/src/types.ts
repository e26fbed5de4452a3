export const DIRECTORY_KINDS = ['active-directory', 'openldap', 'other'] as const;
export type DirectoryKind = (typeof DIRECTORY_KINDS)[number];

/** A person as the directory has it now, whole. */
export interface DirectoryEntry {
  /** UUID text, the same through renames and moves: entryUUID; objectGUID in the usual mixed-endian text. */
  readonly id: string;
  readonly dn: string;
  /** By lower-case attribute type without options. */
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
  /** Which of the configured groups it is a member of, in the configuration's spelling. */
  readonly groups: readonly string[];
}

/** One id may come several times in a run: the last one counts. `gone` may name ids that nobody knows. */
export type DirectoryChange =
  | { readonly kind: 'entry'; readonly entry: DirectoryEntry }
  | { readonly kind: 'gone'; readonly id: string };

export interface SourceRun {
  /**
   * What came is everything there is, but for `elsewhere`: who was not listed is gone. Read it after the last change: a run that began with
   * a cookie becomes a full one when the server has forgotten what happened since.
   */
  readonly full: boolean;
  /** Names of branches that other servers have: nothing is known of who is there. After the last change. */
  readonly elsewhere: readonly string[];
  /** Can be read once. Throws DirectoryError. */
  readonly changes: AsyncIterable<DirectoryChange>;
  /** Where the next run goes on; after the last change. */
  cookie(): Buffer;
}

export interface ChangesFrom {
  /** Of the last run that was applied; one that does not fit (another filter, bad bytes) leads to a full run. */
  readonly cookie?: Buffer | undefined;
  readonly full?: boolean | undefined;
  /** What entries are to have; operational ones by name. */
  readonly attributes: readonly string[];
  /** DNs of groups whose members matter. */
  readonly groups: readonly string[];
  /** Ids of the entries that the back end has as members of a group. */
  readonly knownMembers: (group: string) => Promise<readonly string[]>;
}

/** Reads only. One run at a time. */
export interface DirectorySource {
  readonly kind: DirectoryKind;
  changes(from: ChangesFrom): Promise<SourceRun>;
  /** Resolves when something has changed since the last run, or the signal aborts; undefined where nobody can tell. */
  waitForChange?(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What a bind with somebody's password says. */
export type BindResult = 'right' | 'wrong' | 'disabled' | 'expired' | 'must_change' | 'locked';

/** Checks passwords by binding; keeps nothing of them. */
export interface Binder {
  /**
   * @param signInName a DN, or in Active Directory a userPrincipalName
   * @throws DirectoryError when no server gives an answer in time
   */
  check(signInName: string, password: string): Promise<BindResult>;
  close(): Promise<void>;
}
