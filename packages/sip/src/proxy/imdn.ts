import { type CpimHeader, type CpimMessage, cpimHeader, cpimText } from './cpim.ts';

const NAMESPACE = 'urn:ietf:params:imdn';

/** What the sender of a CPIM message wants to be told (RFC 5438 §6.2), in lower case: `positive-delivery` … */
export function requestedNotifications(message: CpimMessage): string[] {
  const prefix = prefixOf(message, NAMESPACE);
  if (prefix === undefined) return [];
  const text = cpimText(message, `${prefix}Disposition-Notification`) ?? '';
  return text
    .split(',', 16)
    .map((value) => value.split(';', 1)[0]!.trim().toLowerCase())
    .filter((value) => value !== '');
}

/** What notifications on it call a message (RFC 5438 §6.3). @throws SipParseError 400 */
export function imdnMessageId(message: CpimMessage): string | undefined {
  const prefix = prefixOf(message, NAMESPACE);
  return prefix === undefined ? undefined : cpimText(message, `${prefix}Message-ID`);
}

/** The header fields of a CPIM message of whose fate its sender wants to be told. */
export function imdnHeaders(messageId: string, notifications: readonly string[]): CpimHeader[] {
  return [
    { name: 'NS', parameters: '', value: `imdn <${NAMESPACE}>` },
    cpimHeader('imdn.Message-ID', messageId),
    ...(notifications.length > 0 ? [cpimHeader('imdn.Disposition-Notification', notifications.join(', '))] : []),
  ];
}

/** `imdn.` for `NS: imdn <urn:…>`, '' for `NS: <urn:…>`, undefined for a namespace that is not named (RFC 3862 §4.6). */
function prefixOf({ headers }: CpimMessage, namespace: string): string | undefined {
  for (const { name, value } of headers) {
    if (name !== 'NS' || !value.endsWith(`<${namespace}>`)) continue;
    const prefix = value.slice(0, -namespace.length - 2).trim();
    return prefix === '' ? '' : `${prefix}.`;
  }
  return undefined;
}
