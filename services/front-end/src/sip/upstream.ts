import type { SipRequest, SipResponse } from '@rollcall/sip';
import { answer } from './answer.ts';

/** RFC 5626 §5.3.1: that a flow has failed is between front ends; to a caller nobody was there. */
export function upstream(request: SipRequest, response: SipResponse): SipResponse {
  return response.status === 430 ? answer(request, 480) : response;
}
