import { callId, cseq, from, SipParseError, type SipRequest, type SipResponse, to, topVia } from '../message/index.ts';
import { MAGIC_COOKIE } from './branch.ts';
import type { Flow } from './flow.ts';

/**
 * The key of a request's server transaction. Two requests with one key are one request, retransmitted.
 *
 * RFC 3261 §17.2.3: branch, sent-by and method (`method` is INVITE to find what an ACK or CANCEL belongs to). The flow
 * and the CSeq number are in it as well: clients behind different NATs may share private address and branch (libpurple
 * seeds its branches with the time), and some clients keep their branch when they try again with the next CSeq.
 * Undefined when a header field that it takes is malformed.
 */
export function serverKey(request: SipRequest, flow: Flow, method: string = request.method): string | undefined {
  return unlessMalformed(() => requestKey(request, flow, method));
}

function requestKey(request: SipRequest, flow: Flow, method: string): string {
  const via = topVia(request);
  const { branch } = via;
  const sentBy = `${via.host}:${via.port ?? ''}`;
  const sequence = cseq(request).sequence;
  // A bare cookie is no unique branch either.
  if (branch?.startsWith(MAGIC_COOKIE) && branch.length > MAGIC_COOKIE.length) {
    return `${method} ${sequence} ${branch} ${sentBy} ${flow.id}`;
  }
  // RFC 3261 §17.2.3, requests of RFC 2543: Request-URI, tags, Call-ID, CSeq and top Via.
  const tag = from(request).tag ?? '';
  const sender = `${sentBy} ${via.transport} ${branch ?? ''} ${flow.id}`;
  return `2543 ${method} ${sequence} ${callId(request)} ${tag} ${request.uri} ${sender} ${to(request).tag ?? ''}`;
}

/**
 * Of an ACK that `serverKey` does not lead to an INVITE: the key without the To tag, when RFC 2543 matching applies.
 * The INVITE had no To tag, and the ACK has the one of our response, which is to be compared (RFC 3261 §17.2.3).
 */
export function untaggedInviteKey(key: string): string | undefined {
  return key.startsWith('2543 ') ? key.slice(0, key.lastIndexOf(' ') + 1) : undefined;
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
