import { randomBytes } from 'node:crypto';
import { createRequest, escapeUser, loopHash } from '@rollcall/sip';
import { newTag, sipDate } from './answer.ts';
import type { FrontEnd } from './context.ts';
import { deliverMessage } from './message.ts';
import { findTarget } from './target.ts';

/** A MESSAGE of an account of the pool that comes from no SIP client: over HTTP, or from a server application. */
export interface OutgoingMessage {
  sender: { accountId: number; credentialVersion: number; user: string; domain: string };
  /** A SIP URI. */
  to: string;
  contentType: string;
  body: Buffer;
  /** Further header fields, such as Subject. */
  headers: readonly (readonly [name: string, value: string])[];
  /** The HTTP client that it comes from: server applications are shown it. What they send themselves they are not. */
  receivedFrom?: { address: string; port: number };
}

/** 200: an endpoint took it; 202: it is stored; else it went nowhere. */
export interface MessageOutcome {
  status: number;
  reason: string;
  /** Of one that is stored. */
  messageId?: number;
}

/** Sends it as the MESSAGE of a SIP client would be. @throws SipParseError 400 for a `to` that is no URI */
export async function sendMessage(
  frontEnd: FrontEnd,
  { sender, to, contentType, body, headers, receivedFrom }: OutgoingMessage,
): Promise<MessageOutcome> {
  const { accountId, credentialVersion, user, domain } = sender;
  const uri = `sip:${escapeUser(user)}@${domain}`;
  let request = createRequest({
    method: 'MESSAGE',
    uri: to,
    headers: [
      ['Max-Forwards', '70'],
      ['From', `<${uri}>;tag=${newTag()}`],
      ['To', `<${to}>`],
      ['Call-ID', `${randomBytes(16).toString('hex')}@${domain}`],
      ['CSeq', '1 MESSAGE'],
      ['Date', sipDate(Date.now())],
      ...headers,
      ['Content-Type', contentType],
    ],
    body,
  });
  if (receivedFrom) {
    const decision = await frontEnd.applications.inspect(
      { request, flow: { transport: 'HTTP', remote: receivedFrom } },
      sender,
    );
    if (decision?.kind === 'answer') return decision.response;
    request = decision?.request ?? request;
  }
  const forwarding = {
    ...{ request, remove: [], makesDialog: false, inDialog: false },
    add: [['P-Asserted-Identity', `<${uri}>`] as const],
    mark: loopHash(request, frontEnd.keys.loopSecret),
  };
  const account = { accountId, credentialVersion };
  const from = { account, address: `${user}@${domain}`, checkAddress: false };
  const target = await findTarget(frontEnd, request, from);
  if (target.kind === 'refused') return target.response;
  const { status, reason, messageId } = await deliverMessage(frontEnd, forwarding, target);
  return { status, reason, ...(messageId !== undefined && { messageId }) };
}
