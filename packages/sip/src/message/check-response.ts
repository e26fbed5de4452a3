import type { SipResponse } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { callId, cseq, from, to, vias } from './readers.ts';

/** Why a response must be dropped, or undefined: a response with a fault cannot be answered (RFC 4475 §3.1.2.5). */
export function checkResponse(response: SipResponse): string | undefined {
  try {
    const list = vias(response);
    if (list.length === 0) return 'Missing Via';
    // RFC 4475 §3.3.10: a Via that names the broadcast address must not be sent to.
    if (list.some((via) => via.host === '255.255.255.255')) return 'Broadcast Via';
    from(response);
    to(response);
    callId(response);
    cseq(response);
    return undefined;
  } catch (error) {
    if (error instanceof SipParseError) return error.reason;
    throw error;
  }
}
