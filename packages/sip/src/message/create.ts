import { Headers } from './headers.ts';
import { NO_BODY, type SipRequest, type SipResponse } from './message.ts';
import { reasonPhrase } from './reason-phrases.ts';

export interface NewRequest {
  method: string;
  uri: string;
  headers: Headers | Iterable<readonly [name: string, value: string]>;
  body?: Buffer | undefined;
}

export function createRequest({ method, uri, headers, body = NO_BODY }: NewRequest): SipRequest {
  return { kind: 'request', method, uri, headers: headers instanceof Headers ? headers : new Headers(headers), body };
}

export interface ResponseOptions {
  /** Tag for the To header field when the request's has none; never put on a 100. */
  toTag?: string | undefined;
  /** Appended after the copied ones. */
  headers?: Iterable<readonly [name: string, value: string]> | undefined;
  body?: Buffer | undefined;
}

/**
 * A response to `request` (RFC 3261 §8.2.6). Header fields are copied as they came, so this never throws, whatever is
 * malformed in them.
 */
export function createResponse(
  request: SipRequest,
  status: number,
  reason: string = reasonPhrase(status),
  { toTag, headers: further, body = NO_BODY }: ResponseOptions = {},
): SipResponse {
  const headers = new Headers();
  headers.appendAllOf(request.headers, 'Via');
  // RFC 3261 §12.1.1: what makes a dialog carries the route set back.
  if (status > 100 && status < 300 && DIALOG_MAKERS.has(request.method)) {
    headers.appendAllOf(request.headers, 'Record-Route');
  }
  copy(request, headers, 'From');
  const to = request.headers.get('To');
  if (to !== undefined) headers.append('To', status > 100 && toTag && !hasTag(to) ? `${to};tag=${toTag}` : to);
  copy(request, headers, 'Call-ID');
  copy(request, headers, 'CSeq');
  // RFC 3261 §8.2.6.1
  if (status === 100) copy(request, headers, 'Timestamp');
  if (further) for (const [name, value] of further) headers.append(name, value);
  return { kind: 'response', status, reason, headers, body };
}

const DIALOG_MAKERS = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY', 'UPDATE']);

function copy(request: SipRequest, headers: Headers, name: string): void {
  const value = request.headers.get(name);
  if (value !== undefined) headers.append(name, value);
}

/** Whether a To value has a tag after its URI, told without reading it in full. */
function hasTag(to: string): boolean {
  const parameters = to.indexOf(';', to.lastIndexOf('>') + 1);
  return parameters >= 0 && /;[ \t]*tag[ \t]*=/i.test(to.slice(parameters));
}
