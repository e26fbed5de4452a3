import { SipParseError } from '@rollcall/sip';
import type { FrontEnd } from '../sip/context.ts';
import { type MessageOutcome, sendMessage } from '../sip/send-message.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { readAddress, showAddress } from './address.ts';
import { tokenInvalid } from './authorize.ts';
import { type CpimFields, makeCpim } from './cpim-message.ts';
import { Problem, unavailable } from './problem.ts';

export interface SendMessageRequest {
  /** `bob@example.org`, or a SIP URI. */
  to: string;
  body: string;
  encoding?: 'utf-8' | 'base64';
  contentType?: string;
  subject?: string;
  priority?: string;
  inReplyTo?: string;
  /** Sends it as a CPIM message that says this. */
  cpim?: CpimFields;
  /** Of the HTTP client. */
  receivedFrom: { address: string; port: number };
}

/** `delivered`: an endpoint took it; `stored`: it is committed and waits for one. */
export type SentMessage = { status: 'delivered' } | { status: 'stored'; messageId: number | null };

/** Of a body: a message and its header fields fit into the 64 KB that SIP carries. */
const MAXIMUM_BODY = 48 * 1024;

/** POST: the answer leaves when an endpoint has taken the message, or it is committed. @throws Problem */
export async function postMessage(
  frontEnd: FrontEnd,
  holder: TokenHolder,
  request: SendMessageRequest,
): Promise<SentMessage> {
  const { subject, priority, inReplyTo, receivedFrom } = request;
  const address = readAddress(request.to);
  if (!address) throw new Problem(422, 'invalid-request', { detail: 'to is no address such as bob@example.org' });
  const to = /^sips?:/i.test(request.to) ? request.to : `sip:${showAddress(address)}`;
  const { contentType, body } = contentOf(request, { from: `sip:${showAddress(holder)}`, to });
  if (body.length > MAXIMUM_BODY) {
    throw new Problem(413, undefined, { detail: `The body has more than ${MAXIMUM_BODY} bytes` });
  }
  // What writes is asked of the back end: the account is, by its credential version, where the message is routed.
  if (!(await frontEnd.backEnd.sessionHolds(holder))) throw tokenInvalid();
  const { accountId, credentialVersion, user, domain } = holder;
  const given = { Subject: subject, Priority: priority, 'In-Reply-To': inReplyTo };
  try {
    const outcome = await sendMessage(frontEnd, {
      sender: { accountId, credentialVersion, user, domain },
      ...{ to, contentType, body, receivedFrom },
      headers: Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    });
    return statusOf(outcome);
  } catch (error) {
    if (error instanceof SipParseError) throw new Problem(422, 'invalid-request', { detail: error.message });
    throw error;
  }
}

/** What the message carries: what the client gave, in CPIM where it wants that. @throws Problem */
function contentOf(
  { body, encoding = 'utf-8', contentType = 'text/plain;charset=utf-8', cpim }: SendMessageRequest,
  sides: { from: string; to: string },
): { contentType: string; body: Buffer } {
  const content = { contentType, body: Buffer.from(body, encoding) };
  if (!cpim) return content;
  if (cpim.notify?.length && cpim.messageId === undefined) {
    throw new Problem(422, 'invalid-request', { detail: 'cpim.notify needs cpim.messageId, which notifications name' });
  }
  return { contentType: 'message/cpim', body: makeCpim(cpim, content, sides) };
}

/** What SIP says of a message, as HTTP says it. @throws Problem */
function statusOf({ status, reason, messageId }: MessageOutcome): SentMessage {
  if (status === 202) return { status: 'stored', messageId: messageId ?? null };
  if (status >= 200 && status < 300) return { status: 'delivered' };
  const detail = `${status} ${reason}`;
  const more = { sipStatus: status };
  switch (status) {
    case 404:
    case 604:
      throw new Problem(404, 'recipient-unknown', { detail: 'There is no such account', more });
    case 413:
    case 513:
      throw new Problem(413, undefined, { detail, more });
    case 480:
      throw new Problem(429, 'recipient-unavailable', { detail, more, headers: { 'Retry-After': '60' } });
    case 503:
      throw unavailable(2, detail);
    case 403:
      if (reason === 'Account Changed') throw tokenInvalid();
  }
  // It may have arrived: only the client can decide whether to send it again.
  if (status >= 500 && status < 600) throw new Problem(502, 'delivery-unknown', { detail, more });
  throw new Problem(403, 'message-refused', { detail, more });
}
