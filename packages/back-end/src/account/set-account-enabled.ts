import type { Connections } from '../connections.ts';
import { type AddressOfRecord, checkAddressOfRecord } from './address-of-record.ts';

export interface SetAccountEnabledRequest extends AddressOfRecord {
  enabled: boolean;
}

export interface SetAccountEnabledOutcome {
  outcome: 'changed' | 'unchanged' | 'account_unknown';
  /** How many endpoints left with a disabled account. */
  endpoints: number;
}

/** A disabled account registers nothing, and its endpoints leave. */
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
  const [outcome, endpoints] = rows[0]!;
  return { outcome, endpoints } as SetAccountEnabledOutcome;
}
