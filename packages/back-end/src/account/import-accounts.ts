import { byteas, texts } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { ha1Bytes } from '../credential/ha1.ts';
import type { AddAccountRequest } from './add-account.ts';
import { checkAddressOfRecord } from './address-of-record.ts';

export type ImportAccountOutcome =
  | 'added'
  /** The account had other credentials. */
  | 'changed'
  | 'unchanged'
  | 'domain_unknown'
  /** An alias of an account has this name. */
  | 'alias'
  /** The same address of record comes again later; the last one counts. */
  | 'duplicate';

/** Adds accounts or changes their credentials, about 1,000 a call, in one transaction; outcomes in the order of the accounts. */
export async function importAccounts(
  connections: Connections,
  accounts: readonly AddAccountRequest[],
): Promise<ImportAccountOutcome[]> {
  accounts.forEach(checkAddressOfRecord);
  const rows = await connections.call({
    name: 'import_accounts',
    text: 'select * from api.import_accounts($1, $2, $3, $4, $5, $6)',
    values: [
      texts(accounts, (account) => account.user),
      texts(accounts, (account) => account.domain),
      texts(accounts, (account) => account.role ?? 'user'),
      byteas(accounts, (account) => ha1Bytes(account.ha1.MD5)),
      byteas(accounts, (account) => ha1Bytes(account.ha1['SHA-256'])),
      byteas(accounts, (account) => ha1Bytes(account.ha1['SHA-512-256'])),
    ],
  });
  return rows.map(([, outcome]) => outcome as ImportAccountOutcome);
}
