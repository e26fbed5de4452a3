import type { SubscribeRequest } from '@rollcall/back-end';
import {
  callId,
  contacts,
  cseq,
  from,
  isToken,
  parseUri,
  recordRoutes,
  type SipRequest,
  type SipResponse,
  to,
} from '@rollcall/sip';
import { answer } from './answer.ts';

/** Stored for as long as the subscription lives, and sent with each notification. */
const MAXIMUM_TEXT = 1024;
const MAXIMUM_ROUTES = 16;

/** The watcher's side of the dialog that a SUBSCRIBE makes or refreshes (RFC 3261 §12.1.1), or what is wrong with it. */
export function requestedDialog(request: SipRequest, localTarget: string): SubscribeRequest['dialog'] | SipResponse {
  const [sender, recipient, list, routes] = [from(request), to(request), contacts(request), recordRoutes(request)];
  const contact = list === '*' ? undefined : list[0];
  if (!contact || list.length > 1) return answer(request, 400, [], 'One Contact Is Needed');
  if (parseUri(contact.uri).kind !== 'sip') return answer(request, 400, [], 'Contact Is Not Of SIP');
  if (sender.tag === undefined) return answer(request, 400, [], 'Missing From Tag');
  // It is written into each notification without quotes.
  if (!isToken(sender.tag)) return answer(request, 400, [], 'Malformed From Tag');
  const routeSet = routes.map(({ uri, parameters }) => `<${uri}>${parameters}`);
  const texts = [callId(request), sender.tag, sender.uri, recipient.uri, contact.uri, ...routeSet];
  if (routeSet.length > MAXIMUM_ROUTES || texts.some((text) => text.length > MAXIMUM_TEXT)) {
    return answer(request, 400, [], 'Too Long For A Dialog');
  }
  return {
    callId: callId(request),
    ...(recipient.tag !== undefined && { localTag: recipient.tag }),
    remoteTag: sender.tag,
    localUri: recipient.uri,
    remoteUri: sender.uri,
    localTarget,
    remoteTarget: contact.uri,
    routeSet,
    remoteCseq: cseq(request).sequence,
  };
}
