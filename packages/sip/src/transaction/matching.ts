import { callId, cseq, from, SipParseError, type SipRequest, type SipResponse, to, topVia } from '../message/index.ts';
import { MAGIC_COOKIE } from './branch.ts';
import type { Flow } from './flow.ts';
import { KeyHash } from './key-hash.ts';

/**
 * The key of a request's server transaction. Two requests with one key are one request, retransmitted.
 *
 * RFC 3261 §17.2.3: branch, sent-by and method (`method` is INVITE to find what an ACK or CANCEL belongs to). The flow
 * and the CSeq number are in it as well: clients behind different NATs may share private address and branch (libpurple
 * seeds its branches with the time), and some clients keep their branch when they try again with the next CSeq.
 * Undefined when a header field that it takes is malformed.
 */
export function serverKey(request: SipRequest, flow: Flow, method: string = request.method): number | undefined {
  return unlessMalformed(() => requestKey(request, flow, method, isBranched(request) ? undefined : to(request).tag));
}

/**
 * Of an ACK that `serverKey` does not lead to an INVITE: the key without the To tag, when RFC 2543 matching applies.
 * The INVITE had no To tag, and the ACK has the one of our response, which is to be compared (RFC 3261 §17.2.3).
 */
export function untaggedInviteKey(ack: SipRequest, flow: Flow): number | undefined {
  return unlessMalformed(() => (isBranched(ack) ? undefined : requestKey(ack, flow, 'INVITE', undefined)));
}

/** Of RFC 3261, and not of RFC 2543. A bare cookie is no unique branch either. */
function isBranched(request: SipRequest): boolean {
  const branch = topVia(request).branch;
  return branch !== undefined && branch.length > MAGIC_COOKIE.length && branch.startsWith(MAGIC_COOKIE);
}

function requestKey(request: SipRequest, flow: Flow, method: string, toTag: string | undefined): number {
  const via = topVia(request);
  const key = new KeyHash().add(method).addNumber(cseq(request).sequence);
  key
    .add(via.branch ?? '')
    .add(via.host)
    .addNumber(via.port ?? -1)
    .add(flow.id);
  if (isBranched(request)) return key.value;
  // RFC 3261 §17.2.3, requests of RFC 2543: Request-URI, tags, Call-ID, CSeq and top Via.
  key
    .add(via.transport)
    .add(callId(request))
    .add(from(request).tag ?? '')
    .add(request.uri);
  return key.add(toTag ?? '').value;
}

/** RFC 3261 §17.1.3: branch of the top Via and method of the CSeq. Undefined when one is malformed. */
export function clientKey(response: SipResponse): { branch: string; method: string } | undefined {
  return unlessMalformed(() => ({ branch: topVia(response).branch ?? '', method: cseq(response).method }));
}

function unlessMalformed<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
