import { checkInteger } from '../array-parameter.ts';
import type { Bus } from '../bus/bus.ts';
import type { Connections } from '../connections.ts';
import { readAddress } from './change-contacts.ts';
import type { ChangeContactsOutcome, ContactNotice } from './contact.ts';

/** Who has added an account to their contacts, the oldest first. */
export async function findNotices(connections: Connections, accountId: number): Promise<ContactNotice[]> {
  const rows = await connections.call({
    name: 'find_notices',
    text: 'select * from api.find_notices($1)',
    values: [accountId],
  });
  return rows.map((row) => {
    const [id, adder, occurredAt] = row as [number, string, Date];
    return { id, ...readAddress(adder), occurredAt };
  });
}

export interface AcknowledgeNoticeRequest {
  accountId: number;
  credentialVersion: number;
  id: number;
}

/** The notice goes. */
export async function acknowledgeNotice(
  connections: Connections,
  { accountId, credentialVersion, id }: AcknowledgeNoticeRequest,
): Promise<'acknowledged' | 'notice_unknown' | 'credentials_changed'> {
  checkInteger('notice', id, 0, Number.MAX_SAFE_INTEGER);
  const rows = await connections.call({
    name: 'acknowledge_notice',
    text: 'select api.acknowledge_notice($1, $2, $3)',
    values: [accountId, credentialVersion, id],
  });
  const acknowledged = rows[0]![0] as boolean | null;
  if (acknowledged === null) return 'credentials_changed';
  return acknowledged ? 'acknowledged' : 'notice_unknown';
}

/** After changeContacts: the owner's lists and xcap-diff are due, and who was added may be told. */
export function publishContactChange(bus: Bus, accountId: number, outcome: ChangeContactsOutcome): void {
  if (outcome.outcome !== 'changed' || !outcome.changed) return;
  bus.publish('presence', [String(accountId)]);
  if (outcome.noticed.length > 0) bus.publish('contact', outcome.noticed.map(String));
}
