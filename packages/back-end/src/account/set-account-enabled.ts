import type { Connections } from '../connections.ts';
import type { EndpointRemoval } from '../registration/removal.ts';
import { type AddressOfRecord, checkAddressOfRecord } from './address-of-record.ts';
import { changedAccounts, removedEndpoints } from './removed-endpoints.ts';

export interface SetAccountEnabledRequest extends AddressOfRecord {
  enabled: boolean;
}

export interface SetAccountEnabledOutcome {
  /** disabled_by_directory: it follows a directory, where it is disabled or no more. */
  outcome: 'changed' | 'unchanged' | 'account_unknown' | 'disabled_by_directory';
  /** The endpoints that left with a disabled account. */
  removed: EndpointRemoval[];
  /** Accounts of which notifications are due. */
  changed: number[];
}

/** A disabled account registers nothing, and its endpoints leave; tell the pool with publishAccountChange. */
export async function setAccountEnabled(
  connections: Connections,
  request: SetAccountEnabledRequest,
): Promise<SetAccountEnabledOutcome> {
  checkAddressOfRecord(request);
  const rows = await connections.call({
    name: 'set_account_enabled',
    text: 'select * from api.set_account_enabled($1, $2, $3)',
    values: [request.user, request.domain, request.enabled],
  });
  const outcome = rows[0]![0] as SetAccountEnabledOutcome['outcome'];
  return { outcome, removed: removedEndpoints(rows, 'disabled'), changed: changedAccounts(rows) };
}
