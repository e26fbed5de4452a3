import type { DirectoryCounts } from './directory-lock.ts';

export interface DirectoryStatus {
  /** host:pid of who has the lock now, and since when. */
  holder?: string;
  heldSince?: Date;
  cookieAt?: Date;
  /** No run yet: without startedAt. Without outcome it goes on, or has ended with its process. */
  run: {
    startedAt?: Date;
    endedAt?: Date;
    full?: boolean;
    outcome?: 'applied' | 'too_many' | 'failed';
    errorCode?: string;
    error?: string;
    /** Of too_many. */
    would?: number;
    of?: number;
    counts: Partial<DirectoryCounts>;
  };
  lastAppliedAt?: Date;
  lastFullAt?: Date;
  /** Percent that the next run may disable (allowDirectoryRun). */
  allowedPercent?: number;
  /** How many there are now. */
  accounts: { enabled: number; disabled: number; gone: number };
  problems: number;
}

export interface DirectoryProblem {
  id: string;
  dn: string;
  problem: 'conflict' | 'domain_unknown' | 'no_address' | 'malformed';
  /** What it asks for, user@domain. */
  address?: string;
  /** The address that its account has meanwhile. */
  keeps?: string;
  /** A sentence: whose the address is, and what ends the problem. */
  detail: string;
}

export interface SignIn {
  accountId: number;
  enabled: boolean;
  credentialVersion: number;
  followsDirectory: boolean;
  /** What an LDAP bind takes, of an account that follows the directory. */
  signInName?: string;
}
