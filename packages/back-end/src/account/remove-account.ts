import type { Connections } from '../connections.ts';
import { type AddressOfRecord, checkAddressOfRecord } from './address-of-record.ts';

export interface RemoveAccountOutcome {
  outcome: 'removed' | 'account_unknown';
  /** How many endpoints left with it. */
  endpoints: number;
}

/** Removes an account with its credentials and endpoints. */
export async function removeAccount(connections: Connections, address: AddressOfRecord): Promise<RemoveAccountOutcome> {
  checkAddressOfRecord(address);
  const rows = await connections.call({
    name: 'remove_account',
    text: 'select * from api.remove_account($1, $2)',
    values: [address.user, address.domain],
  });
  const [outcome, endpoints] = rows[0]!;
  return { outcome, endpoints } as RemoveAccountOutcome;
}
