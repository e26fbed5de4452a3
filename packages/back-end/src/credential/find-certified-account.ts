import type { AddressOfRecord } from '../account/address-of-record.ts';
import { checkText, texts } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import type { VerifiedCredentials } from '../registration/register-request.ts';

export interface FindCertifiedAccountRequest {
  /** Whose account is looked for: its address of record or an alias. */
  address: AddressOfRecord;
  /** What the certificate names. */
  certified: readonly AddressOfRecord[];
}

/** The account, with the user part of its address of record; in the domain that was asked for. */
export interface CertifiedAccount extends VerifiedCredentials {
  user: string;
}

/** The enabled account that owns the address and that the certificate names; undefined where it does not. */
export async function findCertifiedAccount(
  connections: Connections,
  { address, certified }: FindCertifiedAccountRequest,
): Promise<CertifiedAccount | undefined> {
  for (const { user, domain } of [address, ...certified]) {
    checkText('user', user);
    checkText('domain', domain);
  }
  const [row] = await connections.call({
    name: 'find_certified_account',
    text: 'select account_id, user_part, credential_version from api.find_certified_account($1, $2, $3, $4)',
    values: [
      address.user,
      address.domain,
      texts(certified, ({ user }) => user),
      texts(certified, ({ domain }) => domain),
    ],
  });
  if (!row) return undefined;
  const [accountId, user, credentialVersion] = row as [number, string, number];
  return { accountId, user, credentialVersion };
}
