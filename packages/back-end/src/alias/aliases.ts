import { type AddressOfRecord, checkAddressOfRecord } from '../account/address-of-record.ts';
import { callAgain } from '../call-again.ts';
import type { Connections } from '../connections.ts';

/** `exists`: it is an account's or an alias already. */
export type AddAliasOutcome = 'added' | 'exists' | 'account_unknown' | 'domain_unknown';

export interface AliasRequest {
  account: AddressOfRecord;
  alias: AddressOfRecord;
}

/** Another address of an account: requests to it are routed to the account, and its own requests may be from it. */
export async function addAlias(connections: Connections, request: AliasRequest): Promise<AddAliasOutcome> {
  checkAddressOfRecord(request.account);
  checkAddressOfRecord(request.alias);
  const { account, alias } = request;
  const rows = await connections.call({
    name: 'add_alias',
    text: 'select * from api.add_alias($1, $2, $3, $4)',
    values: [account.user, account.domain, alias.user, alias.domain],
  });
  return rows[0]![0] as AddAliasOutcome;
}

export async function removeAlias(
  connections: Connections,
  request: AliasRequest,
): Promise<'removed' | 'alias_unknown' | 'account_unknown'> {
  checkAddressOfRecord(request.account);
  checkAddressOfRecord(request.alias);
  const { account, alias } = request;
  const rows = await callAgain(connections, {
    name: 'remove_alias',
    text: 'select * from api.remove_alias($1, $2, $3, $4)',
    values: [account.user, account.domain, alias.user, alias.domain],
  });
  return rows[0]![0] as 'removed' | 'alias_unknown' | 'account_unknown';
}

/** Undefined: no such account. */
export async function listAliases(
  connections: Connections,
  account: AddressOfRecord,
): Promise<AddressOfRecord[] | undefined> {
  checkAddressOfRecord(account);
  const rows = await connections.call({
    name: 'list_aliases',
    text: 'select * from api.list_aliases($1, $2)',
    values: [account.user, account.domain],
  });
  if (rows.length === 0) return undefined;
  return rows.filter(([user]) => user !== null).map(([user, domain]) => ({ user, domain }) as AddressOfRecord);
}
