import {
  type Headers,
  maxForwards as maxForwardsOf,
  quotedStringEnd,
  type SipRequest,
  type SipResponse,
  skipSpace,
} from '../message/index.ts';

type Line = readonly [name: string, value: string];

export interface ForwardOptions {
  /** The new Request-URI. */
  uri?: string;
  /** Default: one less than it was, 70 when there is none (RFC 3261 §16.6 step 3). */
  maxForwards?: number;
  /** All lines of these names come off. */
  remove?: readonly string[];
  /** Each becomes the only line of its name. */
  set?: readonly Line[];
  /** Put on top of all lines, in this order. */
  prepend?: readonly Line[];
}

/** A copy of `request` to be sent on (RFC 3261 §16.6 steps 1 to 3); lines that are not named stay as they came. */
export function forwardedRequest(
  request: SipRequest,
  { uri = request.uri, maxForwards = nextMaxForwards(request), remove, set, prepend }: ForwardOptions = {},
): SipRequest {
  const headers = request.headers.clone();
  headers.set('Max-Forwards', String(maxForwards));
  if (remove) for (const name of remove) headers.remove(name);
  if (set) for (const [name, value] of set) headers.set(name, value);
  if (prepend) for (let at = prepend.length - 1; at >= 0; at--) headers.prepend(prepend[at]![0], prepend[at]![1]);
  return { kind: 'request', method: request.method, uri, headers, body: request.body };
}

function nextMaxForwards(request: SipRequest): number {
  const value = maxForwardsOf(request);
  return value === undefined ? 70 : Math.max(0, value - 1);
}

/** A copy of `response` without its top Via value (RFC 3261 §16.7 step 3). */
export function relayedResponse(response: SipResponse): SipResponse {
  const headers = response.headers.clone();
  removeFirstValue(headers, 'Via');
  return { kind: 'response', status: response.status, reason: response.reason, headers, body: response.body };
}

/** Takes the first value of a comma list off: with its line, when the line has no other. */
export function removeFirstValue(headers: Headers, name: string): void {
  const line = headers.get(name);
  const rest = line === undefined ? '' : afterFirstValue(line);
  if (rest === '') headers.removeFirst(name);
  else headers.setFirst(name, rest);
}

function afterFirstValue(line: string): string {
  if (!line.includes(',')) return '';
  for (let at = 0; at < line.length; ) {
    const code = line.charCodeAt(at);
    if (code === 44) return line.slice(skipSpace(line, at + 1));
    if (code === 34) at = quotedStringEnd(line, at);
    else if (code === 60) at = line.indexOf('>', at) + 1 || line.length;
    else at++;
  }
  return '';
}
