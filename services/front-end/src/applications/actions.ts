import { isToken, parseUri, reasonPhrase } from '@rollcall/sip';
import type { AnswerContent } from './application.ts';
import type { Answer, Change } from './verdict.ts';

/** An application asked for what cannot be; its message is for the application's author. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
}

const MAXIMUM_BODY = 64 * 1024;
const MAXIMUM_VALUE = 8 * 1024;
const MAXIMUM_CHANGES = 64;
const PLAIN_TEXT = 'text/plain;charset=utf-8';

/** What routing, transactions, dialogs and authentication rest on. */
const KEPT = new Set(
  `Via From To Call-ID CSeq Max-Forwards Max-Breadth Route Record-Route Path Contact Content-Length Content-Type Require
  Proxy-Require Authorization Proxy-Authorization WWW-Authenticate Proxy-Authenticate P-Asserted-Identity
  P-Preferred-Identity Privacy`
    .toLowerCase()
    .split(/\s+/),
);

/** Of an answer, a 3xx names where else in its Contact, and a 401 or 407 how to authenticate. */
const OF_ANSWERS = new Set(['contact', 'www-authenticate', 'proxy-authenticate', 'require']);

/** Compact forms are names too (RFC 3261 §7.3.3). */
const COMPACT: Readonly<Record<string, string>> = {
  ...{ v: 'via', f: 'from', t: 'to', i: 'call-id', m: 'contact', l: 'content-length', c: 'content-type' },
};

/** @throws ActionError */
export function setHeader(changes: readonly Change[], name: string, value: string): Change {
  checkRoom(changes);
  return { change: 'set', name: checkName(name), value: checkValue(name, value) };
}

/** @throws ActionError */
export function removeHeader(changes: readonly Change[], name: string): Change {
  checkRoom(changes);
  return { change: 'remove', name: checkName(name) };
}

/** @throws ActionError */
export function setBody(changes: readonly Change[], body: string | Uint8Array, contentType: string): Change {
  checkRoom(changes);
  return { change: 'body', body: bytes(body), contentType: checkValue('Content-Type', contentType) };
}

/** The Request-URI of a request that goes elsewhere. @throws ActionError */
export function routeTo(uri: string): string {
  if (typeof uri !== 'string') throw new ActionError('route: the URI must be text');
  let kind: string;
  try {
    kind = /[\s<>"]/.test(uri) ? 'malformed' : parseUri(uri).kind;
  } catch {
    kind = 'malformed';
  }
  if (kind !== 'sip') throw new ActionError(`route: ${JSON.stringify(uri.slice(0, 100))} is no SIP URI`);
  return uri;
}

/** @throws ActionError */
export function makeAnswer(method: string, status: number, reason?: string, content: AnswerContent = {}): Answer {
  const lowest = method === 'INVITE' ? 300 : 200;
  if (!Number.isInteger(status) || status < lowest || status > 699) {
    throw new ActionError(`answer: the status of ${method} must be ${lowest} to 699, not ${String(status)}`);
  }
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > 200)) {
    throw new ActionError('answer: the reason must be text of at most 200 characters');
  }
  const { headers: given = {}, body: content_ = '', contentType = PLAIN_TEXT } = content;
  const pairs = Symbol.iterator in given ? [...given] : Object.entries(given);
  if (pairs.length > MAXIMUM_CHANGES) throw new ActionError(`answer: more than ${MAXIMUM_CHANGES} header fields`);
  const headers = pairs.map(([name, value]) => [checkName(name, OF_ANSWERS), checkValue(name, value)] as const);
  const body = bytes(content_);
  if (body.length > 0) headers.push(['Content-Type', checkValue('Content-Type', contentType)]);
  return { verdict: 'answer', status, reason: reason ?? reasonPhrase(status), headers, body };
}

function checkRoom(changes: readonly Change[]): void {
  if (changes.length >= MAXIMUM_CHANGES) throw new ActionError(`more than ${MAXIMUM_CHANGES} changes`);
}

function checkName(name: unknown, but: ReadonlySet<string> = new Set()): string {
  if (typeof name !== 'string' || !isToken(name)) throw new ActionError(`${JSON.stringify(name)} is no header name`);
  const lower = name.toLowerCase();
  const key = COMPACT[lower] ?? lower;
  if (KEPT.has(key) && !but.has(key)) throw new ActionError(`${name} is the pool's: it cannot be changed`);
  return name;
}

function checkValue(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new ActionError(`${name}: the value must be text`);
  // A tab is the one control character that may stand in a value (RFC 3261 §25.1).
  if (/\p{Cc}/u.test(value.replaceAll('\t', ' ')))
    throw new ActionError(`${name}: the value has a line end or control character`);
  if (value.length > MAXIMUM_VALUE)
    throw new ActionError(`${name}: the value has more than ${MAXIMUM_VALUE} characters`);
  return value.toWellFormed();
}

/** A copy: what the application does with its own afterwards changes nothing. */
function bytes(body: unknown): Uint8Array {
  const copy =
    typeof body === 'string'
      ? new TextEncoder().encode(body)
      : body instanceof Uint8Array
        ? Uint8Array.from(body)
        : undefined;
  if (!copy) throw new ActionError('the body must be text or a Uint8Array');
  if (copy.length > MAXIMUM_BODY) throw new ActionError(`the body has more than ${MAXIMUM_BODY} bytes`);
  return copy;
}
