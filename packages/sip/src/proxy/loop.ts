import { hash } from 'node:crypto';
import { callId, cseq, from, type SipRequest, to } from '../message/index.ts';

const CHARACTERS = 16;

/**
 * What tells a loop from a spiral: 16 characters that two requests share when they would be routed alike (RFC 3261
 * §16.6 step 8). Take it of the request as it came. `secret` is of this proxy alone, or of its pool.
 *
 * As RFC 5393 §4.2.1 has it: neither the method nor Max-Forwards nor Via count, so that a CANCEL and an ACK go as the
 * INVITE went, and a loop does not look new each time around.
 * @throws SipParseError 400
 */
export function loopHash(request: SipRequest, secret: string): string {
  const { headers, uri } = request;
  let text = `${secret}\n${uri}\n${callId(request)}\n${cseq(request).sequence}\n${from(request).tag ?? ''}\n${to(request).tag ?? ''}`;
  if (headers.has('Route')) text += `\n${headers.getAll('Route').join()}`;
  if (headers.has('Proxy-Require')) text += `\n\n${headers.getAll('Proxy-Require').join()}`;
  return hash('sha256', text, 'hex').slice(0, CHARACTERS);
}

/**
 * Whether a request with this hash has been forwarded before: the branch of one of its Vias carries it (RFC 5393
 * §4.2.2). The first one counts as well: a proxy that sends to itself finds its own Via on top.
 */
export function isLoop({ headers }: SipRequest, hash: string): boolean {
  return headers.some('Via', (line) => line.includes(hash));
}
