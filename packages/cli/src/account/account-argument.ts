import { usageError } from '../command-error.ts';
import { type AccountName, formatAccountUri, parseAccountUri, parseDomain } from './account-uri.ts';

/** An account named on the command line. @throws CommandError with status 2 */
export function accountArgument(text: string): AccountName & { uri: string } {
  const account = parseAccountUri(text);
  if (account === undefined)
    throw usageError(`${JSON.stringify(text)} is no account. Write it as sip:alice@example.org.`);
  return { ...account, uri: formatAccountUri(account) };
}

/** A domain named on the command line, in lower case. @throws CommandError with status 2 */
export function domainArgument(text: string): string {
  const domain = parseDomain(text);
  if (domain === undefined) throw usageError(`${JSON.stringify(text)} is no domain name.`);
  return domain;
}
