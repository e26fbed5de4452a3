import { type AddressOfRecord, checkAddressOfRecord } from '../account/address-of-record.ts';
import { checkInteger } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
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

export async function directoryStatus(connections: Connections): Promise<DirectoryStatus> {
  const rows = await connections.call({
    name: 'directory_status',
    text: 'select * from api.directory_status()',
    values: [],
  });
  // What is not there is left out.
  const given = rows[0]!.map((value) => value ?? undefined);
  const [holder, heldSince, cookieAt, startedAt, endedAt, full, outcome, errorCode, error, would, of, counts] = given;
  const [lastAppliedAt, lastFullAt, allowedPercent, enabled, disabled, gone, problems] = given.slice(12);
  const run = { startedAt, endedAt, full, outcome, errorCode, error, would, of, counts };
  const accounts = { enabled, disabled, gone };
  const status = { holder, heldSince, cookieAt, run, lastAppliedAt, lastFullAt, allowedPercent, accounts, problems };
  return status as DirectoryStatus;
}

/** By DN. */
export async function listDirectoryProblems(
  connections: Connections,
  { limit = 1_000 }: { limit?: number } = {},
): Promise<DirectoryProblem[]> {
  const rows = await connections.call({
    name: 'list_directory_problems',
    text: 'select * from api.list_directory_problems($1)',
    values: [limit],
  });
  return rows.map(([id, dn, problem, address, keeps, detail]) => {
    const found = { id, dn, problem, ...(address !== null && { address }), ...(keeps !== null && { keeps }) };
    return { ...found, detail: detail ?? '' } as DirectoryProblem;
  });
}

/** Lets the next run that is applied disable up to `percent` (default 100) of the accounts, whatever its limit is. */
export async function allowDirectoryRun(
  connections: Connections,
  { percent = 100 }: { percent?: number } = {},
): Promise<void> {
  checkInteger('percent', percent, 0, 100);
  const text = 'select api.allow_directory_run($1)';
  await connections.call({ name: 'allow_directory_run', text, values: [percent] });
}

/** Of an address of record; undefined when there is no such account. */
export async function findSignIn(connections: Connections, address: AddressOfRecord): Promise<SignIn | undefined> {
  checkAddressOfRecord(address);
  const rows = await connections.call({
    name: 'find_sign_in',
    text: 'select * from api.find_sign_in($1, $2)',
    values: [address.user, address.domain],
  });
  if (rows.length === 0) return undefined;
  const [accountId, enabled, credentialVersion, followsDirectory, signInName] = rows[0]!;
  const found = { accountId, enabled, credentialVersion, followsDirectory, ...(signInName !== null && { signInName }) };
  return found as SignIn;
}
