import { callAgain } from '../call-again.ts';
import type { Connections } from '../connections.ts';
import type { EndpointRemoval } from '../registration/removal.ts';
import { type AddressOfRecord, checkAddressOfRecord } from './address-of-record.ts';
import { changedAccounts, removedEndpoints } from './removed-endpoints.ts';

export interface RemoveAccountOutcome {
  /** follows_directory: it is to be removed there. */
  outcome: 'removed' | 'account_unknown' | 'follows_directory';
  /** The endpoints that left with it. */
  removed: EndpointRemoval[];
  /** Accounts of which notifications are due. */
  changed: number[];
}

/** Removes an account with its credentials and endpoints; tell the pool with publishAccountChange. */
export async function removeAccount(connections: Connections, address: AddressOfRecord): Promise<RemoveAccountOutcome> {
  checkAddressOfRecord(address);
  const rows = await callAgain(connections, {
    name: 'remove_account',
    text: 'select * from api.remove_account($1, $2)',
    values: [address.user, address.domain],
  });
  const outcome = rows[0]![0] as RemoveAccountOutcome['outcome'];
  return { outcome, removed: removedEndpoints(rows, 'deleted'), changed: changedAccounts(rows) };
}
