import { type SipAccount, SipClient } from '@rollcall/test-kit';
import type { PresenceLedger } from './ledger.ts';

/** A client whose notifications go to the ledger. */
export async function openClient(
  account: SipAccount,
  ledger: PresenceLedger,
  { transport, to }: { transport: 'TCP' | 'UDP'; to: string },
): Promise<SipClient> {
  const client = await SipClient.open(account, { transport, to });
  if (transport === 'TCP') client.contactParameters = ';transport=tcp';
  client.answerEach((request) => {
    if (request.method === 'MESSAGE') ledger.messages.received(request.body);
    if (request.method !== 'NOTIFY') return {};
    // RFC 3261 §12.2.2: one that a front end which hung has sent late.
    if (transport === 'UDP' && ledger.isOvertaken(request)) return { status: 500 };
    return ledger.take(request, performance.now()) ? {} : { status: 481 };
  });
  return client;
}
