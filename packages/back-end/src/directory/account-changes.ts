import type { AddressOfRecord } from '../account/address-of-record.ts';
import { changedAccounts, removedEndpoints } from '../account/removed-endpoints.ts';
import type { Row } from '../connections.ts';
import type { RemovalReason } from '../registration/removal.ts';
import type { DirectoryAccountChanges } from './directory-lock.ts';

/** Outcomes of rows that name an account of which nothing that was verified holds any more, in their seventh and eighth columns. */
const NAMED = ['changed', 'disabled', 'moved', 'removed'];

export function accountChanges(rows: readonly Row[], reason: RemovalReason): DirectoryAccountChanges {
  const accounts = new Map<string, AddressOfRecord>();
  for (const [outcome, , , , , , user, domain] of rows as [string, ...unknown[]][]) {
    if (NAMED.includes(outcome)) accounts.set(`${user}@${domain}`, { user, domain } as AddressOfRecord);
  }
  return {
    accounts: [...accounts.values()],
    removed: removedEndpoints(rows, reason),
    watched: [...new Set(changedAccounts(rows))],
  };
}
