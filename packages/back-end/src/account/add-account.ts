import type { Connections } from '../connections.ts';
import { type Ha1s, ha1Bytes } from '../credential/ha1.ts';
import { type AddressOfRecord, checkAddressOfRecord } from './address-of-record.ts';

export interface AddAccountRequest extends AddressOfRecord {
  role?: Role;
  ha1: Ha1s;
}

export type Role = 'user' | 'admin';

export type AddAccountOutcome = { outcome: 'added' | 'exists'; accountId: number } | { outcome: 'domain_unknown' };

/** Rejects with InvalidValueError when the user part is empty or longer than 255 bytes, or there is no HA1. */
export async function addAccount(connections: Connections, request: AddAccountRequest): Promise<AddAccountOutcome> {
  checkAddressOfRecord(request);
  const { user, domain, role, ha1 } = request;
  const rows = await connections.call({
    name: 'add_account',
    text: 'select * from api.add_account($1, $2, $3, $4, $5, $6)',
    values: [user, domain, role ?? 'user', ha1Bytes(ha1.MD5), ha1Bytes(ha1['SHA-256']), ha1Bytes(ha1['SHA-512-256'])],
  });
  const [outcome, accountId] = rows[0]!;
  return (outcome === 'domain_unknown' ? { outcome } : { outcome, accountId }) as AddAccountOutcome;
}
