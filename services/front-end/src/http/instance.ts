import { bindingKey, formatUri, Parameters } from '@rollcall/sip';
import type { AccountAddress } from './address.ts';

/** A UUID as a URN, or a name of the client's own. */
export const INSTANCE_PATTERN =
  '^(urn:uuid:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[A-Za-z0-9][A-Za-z0-9._~-]{0,63})$';

/** As it is stored, and as `+sip.instance` says it to SIP clients. Hexadecimal digits in lower case: UUIDs compare so. */
export function storedInstance(instance: string): string {
  return `<${/^urn:uuid:/i.test(instance) ? instance.toLowerCase() : instance}>`;
}

/** As HTTP clients write it. */
export function shownInstance(stored: string): string {
  return stored.replace(/^<(.*)>$/, '$1');
}

/** The contact of an HTTP endpoint: a URI that means nothing elsewhere, one an instance. */
export function httpContact({ user, domain }: AccountAddress, stored: string): { uri: string; key: string } {
  const parameters = new Parameters([
    ['transport', 'http'],
    ['instance', shownInstance(stored)],
  ]);
  const uri = formatUri({ kind: 'sip', scheme: 'sip', user, host: domain, parameters, headers: new Parameters() });
  return { uri, key: bindingKey(uri) };
}
