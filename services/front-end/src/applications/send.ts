import { readAddress, showAddress } from '../http/address.ts';
import type { FrontEnd } from '../sip/context.ts';
import { sendMessage } from '../sip/send-message.ts';
import type { ApplicationMessage, SentMessage } from './application.ts';

/** Sends what an application wants to be sent, as the account that it names. */
export async function send(
  frontEnd: FrontEnd | undefined,
  { from, to, body, contentType = 'text/plain;charset=utf-8' }: ApplicationMessage,
): Promise<SentMessage> {
  if (!frontEnd) return { status: 503, reason: 'Starting Or Stopping' };
  const address = readAddress(from);
  const target = readAddress(to);
  if (!target) return { status: 400, reason: 'To Is No Address' };
  const account = address && (await frontEnd.backEnd.findCredentials(address));
  if (!account?.enabled) return { status: 403, reason: 'From Is No Account That May Send' };
  const { accountId, credentialVersion } = account;
  return sendMessage(frontEnd, {
    sender: { ...address!, accountId, credentialVersion },
    to: /^sips?:/i.test(to) ? to : `sip:${showAddress(target)}`,
    contentType,
    body: Buffer.from(body as Uint8Array),
    headers: [],
  });
}
