import { checkText } from '../array-parameter.ts';

/** sip:user@domain */
export interface AddressOfRecord {
  /** The unescaped user part; case-sensitive. */
  user: string;
  /** In lower case. */
  domain: string;
}

/** Throws InvalidValueError for what cannot be stored. */
export function checkAddressOfRecord(address: AddressOfRecord): void {
  checkText('user', address.user);
  checkText('domain', address.domain);
}
