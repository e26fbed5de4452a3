import type { Connections } from '../connections.ts';
import { type Ha1s, ha1Bytes } from '../credential/ha1.ts';
import { type AddressOfRecord, checkAddressOfRecord } from './address-of-record.ts';

export interface SetPasswordRequest extends AddressOfRecord {
  ha1: Ha1s;
}

/** Whoever authenticated with the former password must do so again; tell the pool with publishAccountChange. */
export async function setPassword(
  connections: Connections,
  request: SetPasswordRequest,
): Promise<'changed' | 'account_unknown'> {
  checkAddressOfRecord(request);
  const { user, domain, ha1 } = request;
  const rows = await connections.call({
    name: 'set_password',
    text: 'select * from api.set_password($1, $2, $3, $4, $5)',
    values: [user, domain, ha1Bytes(ha1.MD5), ha1Bytes(ha1['SHA-256']), ha1Bytes(ha1['SHA-512-256'])],
  });
  return rows[0]![0] as 'changed' | 'account_unknown';
}
