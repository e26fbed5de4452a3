import { attribute, escapeAttribute, escapeText, XML_DECLARATION } from '../xml/write-xml.ts';

export const REGINFO_TYPE = 'application/reginfo+xml';

export interface RegistrationContact {
  /** Stable as long as the binding lives. */
  id: string;
  uri: string;
  state: 'active' | 'terminated';
  event:
    | 'registered'
    | 'created'
    | 'refreshed'
    | 'shortened'
    | 'expired'
    | 'deactivated'
    | 'probation'
    | 'unregistered'
    | 'rejected';
  /** s that are left, and since it registered. */
  expires?: number;
  durationRegistered?: number;
  /** 0 to 1. */
  q?: number;
  callId?: string;
  cseq?: number;
  displayName?: string;
  /** RFC 5628: urn:…, without angle brackets. */
  instance?: string;
  publicGruu?: string;
  /** Feature tags and other parameters, e.g. `{ 'reg-id': '1' }` (RFC 3680 §5.2 unknown-param). */
  parameters?: Record<string, string>;
}

export interface Registration {
  /** `sip:user@domain` */
  aor: string;
  id: string;
  contacts: readonly RegistrationContact[];
}

/** RFC 3680 §5. A registration is active when one of its contacts is, else init without contacts and terminated with. */
export function formatReginfo(
  registrations: readonly Registration[],
  { version, fullState }: { version: number; fullState: boolean },
): string {
  const state = fullState ? 'full' : 'partial';
  return `${XML_DECLARATION}<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="${version}" state="${state}">${registrations.map(formatRegistration).join('')}</reginfo>\n`;
}

function formatRegistration({ aor, id, contacts }: Registration): string {
  const active = contacts.some((contact) => contact.state === 'active');
  const state = active ? 'active' : contacts.length === 0 ? 'init' : 'terminated';
  const content = contacts.map(formatContact).join('');
  return `<registration aor="${escapeAttribute(aor)}" id="${escapeAttribute(id)}" state="${state}">${content}</registration>`;
}

function formatContact(contact: RegistrationContact): string {
  const { id, uri, state, event, expires, durationRegistered, q, callId, cseq, displayName, instance, publicGruu } =
    contact;
  const parameters = {
    ...(instance === undefined ? {} : { '+sip.instance': `"<${instance}>"` }),
    ...contact.parameters,
  };
  return (
    `<contact id="${escapeAttribute(id)}" state="${state}" event="${event}"${attribute('duration-registered', durationRegistered)}` +
    `${attribute('expires', expires)}${attribute('q', q)}${attribute('callid', callId)}${attribute('cseq', cseq)}>` +
    `<uri>${escapeText(uri)}</uri>` +
    (displayName === undefined ? '' : `<display-name>${escapeText(displayName)}</display-name>`) +
    Object.entries(parameters)
      .map(([name, value]) => `<unknown-param name="${escapeAttribute(name)}">${escapeText(value)}</unknown-param>`)
      .join('') +
    // RFC 5628 §5.
    (publicGruu === undefined
      ? ''
      : `<pub-gruu xmlns="urn:ietf:params:xml:ns:gruuinfo" uri="${escapeAttribute(publicGruu)}"/>`) +
    '</contact>'
  );
}
