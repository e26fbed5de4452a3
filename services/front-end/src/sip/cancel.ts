import type { SipResponse } from '@rollcall/sip';
import { answer } from './answer.ts';
import type { RequestContext } from './context.ts';

/** CANCEL, RFC 3261 §9.2 and §16.10: what became of the call its INVITE is told by a final response of its own. */
export function cancel({ frontEnd, request, transaction }: RequestContext): SipResponse {
  const invite = frontEnd.transactions.cancelled(transaction);
  if (!invite) return answer(request, 481);
  invite.onCancel?.();
  return answer(request, 200);
}
