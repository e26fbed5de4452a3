import type { AddressOfRecord } from '../account/address-of-record.ts';
import type { Connections } from '../connections.ts';

/** `exists`: it is an account's or an alias already. */
export type AddAliasOutcome = 'added' | 'exists' | 'account_unknown' | 'domain_unknown';

export interface AliasRequest {
  account: AddressOfRecord;
  alias: AddressOfRecord;
}

/** Another address of an account: requests to it are routed to the account, and its own requests may be from it. */
export async function addAlias(_connections: Connections, _request: AliasRequest): Promise<AddAliasOutcome> {
  throw new Error('not yet');
}

export async function removeAlias(
  _connections: Connections,
  _request: AliasRequest,
): Promise<'removed' | 'alias_unknown' | 'account_unknown'> {
  throw new Error('not yet');
}

/** Undefined: no such account. */
export async function listAliases(
  _connections: Connections,
  _account: AddressOfRecord,
): Promise<AddressOfRecord[] | undefined> {
  throw new Error('not yet');
}
