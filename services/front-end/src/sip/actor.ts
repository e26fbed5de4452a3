import type { SubscribeRequest } from '@rollcall/back-end';
import type { SipResponse } from '@rollcall/sip';
import { answer } from './answer.ts';
import type { RequestContext } from './context.ts';
import { heldSender, identifySender, type Sender } from './sender.ts';

export interface ActingSender {
  readonly sender: Sender;
  /** Of another domain when a trusted network says so. */
  readonly actor: SubscribeRequest['actor'];
}

/** Whose request to the pool itself it is, or the challenge or refusal that it gets. */
export async function identifyActor(context: RequestContext): Promise<ActingSender | SipResponse> {
  const { frontEnd, request, flow } = context;
  const sender = heldSender(frontEnd, request, flow) ?? (await identifySender(context));
  if ('status' in sender) return sender;
  if (sender.account) return { sender, actor: sender.account };
  const at = sender.address.lastIndexOf('@');
  const [user, host] = [sender.address.slice(0, at), sender.address.slice(at + 1)];
  const domain = frontEnd.domains.known(host, flow.local.address);
  return { sender, actor: domain === undefined ? { watcher: sender.address } : { user, domain } };
}

/** The account has changed since the connection has proven who it is. */
export function credentialsChanged({ frontEnd, request, flow }: RequestContext, { sender }: ActingSender): SipResponse {
  frontEnd.associations.distrust(flow, sender.address);
  return answer(request, 403, [], 'Account Changed');
}
