import type { SipResponse } from '@rollcall/sip';
import { answer } from './answer.ts';
import { ALLOW } from './capabilities.ts';
import type { RequestContext } from './context.ts';

/** RFC 3261 §8.2.1. */
export function methodNotAllowed({ request }: RequestContext): SipResponse {
  return answer(request, 405, [['Allow', ALLOW]]);
}
