import type { AddAccountOutcome, AddAccountRequest } from '../account/add-account.ts';
import { type AddressOfRecord, checkAddressOfRecord } from '../account/address-of-record.ts';
import type { RemoveAccountOutcome } from '../account/remove-account.ts';
import { changedAccounts, removedEndpoints } from '../account/removed-endpoints.ts';
import { callAgain } from '../call-again.ts';
import type { Connections, Row } from '../connections.ts';
import { type Ha1s, ha1Bytes } from '../credential/ha1.ts';
import type { EndpointRemoval } from '../registration/removal.ts';
import { checkSession, type SessionReference } from '../session/session.ts';

/** The session is closed, or its account is no administrator now. */
export type NotPermitted = { outcome: 'not_permitted' };

export interface ChangeAccountRequest extends AddressOfRecord {
  enabled?: boolean;
  ha1?: Ha1s;
}

/** Tell the pool with publishAccountChange. */
export type ChangeAccountOutcome =
  | { outcome: 'changed' | 'account_unknown' | 'disabled_by_directory'; removed: EndpointRemoval[]; changed: number[] }
  | NotPermitted;

/** The three procedures for accounts that look, in their transaction, whether an administrator asks. */
export async function addAccountAsAdmin(
  connections: Connections,
  admin: SessionReference,
  request: AddAccountRequest,
): Promise<AddAccountOutcome | NotPermitted> {
  const values = [request.role ?? 'user', ...ha1Values(request.ha1)];
  const rows = await call(connections, 'add_account_as_admin', admin, request, values);
  const [outcome, accountId] = rows[0]!;
  return (outcome === 'added' || outcome === 'exists' ? { outcome, accountId } : { outcome }) as AddAccountOutcome;
}

export async function changeAccountAsAdmin(
  connections: Connections,
  admin: SessionReference,
  request: ChangeAccountRequest,
): Promise<ChangeAccountOutcome> {
  const values = [request.enabled, ...ha1Values(request.ha1 ?? {})];
  const rows = await call(connections, 'change_account_as_admin', admin, request, values);
  return {
    outcome: rows.at(-1)![0],
    removed: removedEndpoints(rows, 'disabled'),
    changed: changedAccounts(rows),
  } as ChangeAccountOutcome;
}

export async function removeAccountAsAdmin(
  connections: Connections,
  admin: SessionReference,
  address: AddressOfRecord,
): Promise<RemoveAccountOutcome | NotPermitted> {
  const rows = await call(connections, 'remove_account_as_admin', admin, address, []);
  return {
    outcome: rows[0]![0],
    removed: removedEndpoints(rows, 'deleted'),
    changed: changedAccounts(rows),
  } as RemoveAccountOutcome;
}

async function call(
  connections: Connections,
  name: string,
  { accountId, sessionId, credentialVersion }: SessionReference,
  { user, domain }: AddressOfRecord,
  more: unknown[],
): Promise<Row[]> {
  checkSession({ accountId, sessionId, credentialVersion });
  checkAddressOfRecord({ user, domain });
  const values = [accountId, sessionId, credentialVersion, user, domain, ...more];
  const text = `select * from api.${name}(${values.map((_, index) => `$${index + 1}`).join(', ')})`;
  return callAgain(connections, { name, text, values });
}

function ha1Values(ha1: Ha1s): (Buffer | undefined)[] {
  return [ha1Bytes(ha1.MD5), ha1Bytes(ha1['SHA-256']), ha1Bytes(ha1['SHA-512-256'])];
}
