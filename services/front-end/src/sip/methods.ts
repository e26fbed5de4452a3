import { type SipRequest, to } from '@rollcall/sip';

/** RFC 3261 §12.1, RFC 6665 §4.1, RFC 3515 §2.4.4: a request of these methods, outside of a dialog, may make one. */
const DIALOG_MAKERS = new Set(['INVITE', 'REFER', 'SUBSCRIBE']);

export function makesDialog(request: SipRequest): boolean {
  return DIALOG_MAKERS.has(request.method) && to(request).tag === undefined;
}
