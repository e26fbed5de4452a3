import type { Parameters } from './parameters.ts';
import { escapeParameter, escapeUser, parseUri, type SipUri, unescapeUri } from './uri.ts';

// RFC 3261 §19.1.4: these URI parameters count even when only one of the URIs has them.
const ALWAYS_COMPARED = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Whether two URIs are equal by RFC 3261 §19.1.4. This relation is not transitive: `bindingKey` is for keys. */
export function uriEquals(a: string, b: string): boolean {
  if (a === b) return true;
  const left = parseUri(a);
  const right = parseUri(b);
  if (left.kind !== 'sip' || right.kind !== 'sip') return bindingKey(a) === bindingKey(b);
  return (
    left.scheme === right.scheme &&
    left.user === right.user &&
    left.password === right.password &&
    left.host === right.host &&
    left.port === right.port &&
    parametersEqual(left.parameters, right.parameters) &&
    canonicalPairs(left.headers, '&') === canonicalPairs(right.headers, '&')
  );
}

/**
 * A canonical text: two URIs with the same key are the same binding. As `uriEquals`, but every URI parameter counts,
 * so that the relation is an equivalence. It has no characters but printable ASCII.
 * @throws SipParseError 400
 */
export function bindingKey(text: string): string {
  const uri = parseUri(text);
  if (uri.kind === 'opaque') return uri.scheme + printable(uri.text.slice(uri.scheme.length));
  return `${uri.scheme}:${userInfo(uri)}${uri.host}${uri.port === undefined ? '' : `:${uri.port}`}${
    uri.parameters.size === 0 ? '' : `;${canonicalPairs(uri.parameters, ';')}`
  }${uri.headers.size === 0 ? '' : `?${canonicalPairs(uri.headers, '&')}`}`;
}

function userInfo({ user, password }: SipUri): string {
  if (user === undefined) return '';
  return password === undefined ? `${escapeUser(user)}@` : `${escapeUser(user)}:${escapeUser(password)}@`;
}

function parametersEqual(a: Parameters, b: Parameters): boolean {
  for (const [name, value] of a.entries()) {
    if (b.has(name) ? canonical(value) !== canonical(b.raw(name)!) : ALWAYS_COMPARED.includes(name.toLowerCase())) {
      return false;
    }
  }
  return ALWAYS_COMPARED.every((name) => a.has(name) || !b.has(name));
}

/** Sorted, lower case, escaped in one way. */
function canonicalPairs(pairs: Parameters, separator: ';' | '&'): string {
  const list: string[] = [];
  for (const [name, value] of pairs.entries()) {
    list.push(value === true ? canonical(name) : `${canonical(name)}=${canonical(value)}`);
  }
  return list.length < 2 ? list.join() : list.sort().join(separator);
}

function canonical(value: string | true): string {
  return value === true ? '' : escapeParameter(unescapeUri(value).toLowerCase());
}

function printable(text: string): string {
  return text.replace(/[^!-~]+/g, (part) => encodeURIComponent(part.toWellFormed()));
}
