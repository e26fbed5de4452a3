import { type SipResponse, tokens } from '@rollcall/sip';
import { answer, badExtension } from './answer.ts';
import { ALLOW, SUPPORTED } from './capabilities.ts';
import type { RequestContext } from './context.ts';

/** RFC 3261 §11.2: what this server can do. Anyone may ask; it tells nothing about accounts. */
export function options({ request }: RequestContext): SipResponse {
  return (
    badExtension(request, tokens(request, 'Require')) ??
    answer(request, 200, [
      ['Allow', ALLOW],
      ['Accept', 'application/sdp'],
      ['Accept-Encoding', 'identity'],
      ['Accept-Language', 'en'],
      ['Supported', SUPPORTED.join(', ')],
    ])
  );
}
