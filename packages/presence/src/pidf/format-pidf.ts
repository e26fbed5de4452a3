import { attribute, escapeAttribute, escapeText, XML_DECLARATION } from '../xml/write-xml.ts';
import type { PresenceState, Service } from './presence-state.ts';

export const PIDF_TYPE = 'application/pidf+xml';

const OFFLINE = 18_000;
const IDLE = 4_500;
const BUSY_IDLE = 7_500;

/**
 * What a client that knows RPID sees of an availability (RFC 4480 §3.2). baresip looks for just these characters, `rpid:` included.
 * What RPID has no word for is the nearest word, and ours as the text of `<other>`.
 */
const ACTIVITIES: Record<number, string> = {
  6000: '<rpid:busy/>',
  7500: '<rpid:busy/>',
  9000: '<rpid:busy/><rpid:other>do-not-disturb</rpid:other>',
  12000: '<rpid:away/><rpid:other>be-right-back</rpid:other>',
  15000: '<rpid:away/>',
};

/** RFC 4480 §3.2; any other activity is the text of `<other>`. */
const RPID_ACTIVITIES = new Set(
  (
    'appointment away breakfast busy dinner holiday in-transit looking-for-work lunch meal meeting on-the-phone performance ' +
    'permanent-absence playing presentation shopping sleeping spectator steering travel tv vacation working worship'
  ).split(' '),
);

const PERSON_ELEMENTS = [
  ['card', 'card'],
  ['displayName', 'display-name'],
  ['homepage', 'homepage'],
  ['icon', 'icon'],
  ['map', 'map'],
  ['sound', 'sound'],
] as const;

/** The same state makes the same text. @param entity whose presence it is: `sip:user@domain` */
export function formatPidf(state: PresenceState, { entity }: { entity: string }): string {
  return (
    `${XML_DECLARATION}<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ` +
    `xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="${escapeAttribute(entity)}">` +
    formatTuples(state, entity) +
    (state.note === undefined ? '' : `<note>${escapeText(state.note)}</note>`) +
    formatPerson(state) +
    // Elements of other namespaces come last (RFC 3863 §4.4). The number is finer than what RPID can say.
    (state.calendar === undefined ? '' : own('calendar', escapeText(state.calendar))) +
    `${own('availability', String(state.availability))}</presence>\n`
  );
}

function formatTuples(state: PresenceState, entity: string): string {
  if (state.availability >= OFFLINE) return '<tuple id="rollcall-user"><status><basic>closed</basic></status></tuple>';
  const services = state.services?.length
    ? state.services.map(formatService).join('')
    : formatService({ id: 'rollcall-user', contact: entity });
  return state.phone === undefined
    ? services
    : services + formatService({ id: 'rollcall-phone', contact: state.phone });
}

function formatService({ id, contact, priority, xml }: Service): string {
  return (
    `<tuple id="${escapeAttribute(id)}"><status><basic>open</basic></status>${xml ?? ''}` +
    (contact === undefined ? '' : `<contact${attribute('priority', priority)}>${escapeText(contact)}</contact>`) +
    '</tuple>'
  );
}

function formatPerson(state: PresenceState): string {
  const content =
    formatActivities(state) +
    (state.location === undefined
      ? ''
      : `<rpid:place-type><rpid:other>${escapeText(state.location)}</rpid:other></rpid:place-type>`) +
    formatInput(state) +
    formatCard(state.person) +
    (state.note === undefined ? '' : `<dm:note>${escapeText(state.note)}</dm:note>`);
  return content === '' ? '' : `<dm:person id="rollcall-person">${content}</dm:person>`;
}

function formatActivities({ availability, activity }: PresenceState): string {
  let content = ACTIVITIES[availability] ?? '';
  if (activity !== undefined && !content.includes(`<rpid:${activity}/>`)) {
    content += RPID_ACTIVITIES.has(activity)
      ? `<rpid:${activity}/>`
      : `<rpid:other>${escapeText(activity)}</rpid:other>`;
  }
  return content === '' ? '' : `<rpid:activities>${content}</rpid:activities>`;
}

/** Of the person and not of a device (RFC 4480 §3.16 has both): it is what all devices together say. */
function formatInput({ availability, idleSince }: PresenceState): string {
  if (availability !== IDLE && availability !== BUSY_IDLE) return '';
  return `<rpid:user-input${attribute('last-input', idleSince)}>idle</rpid:user-input>`;
}

function formatCard(person: PresenceState['person']): string {
  if (person === undefined) return '';
  let content = '';
  for (const [field, name] of PERSON_ELEMENTS) {
    const text = person[field];
    if (text !== undefined) {
      content += `<${name} xmlns="urn:ietf:params:xml:ns:pidf:cipid">${escapeText(text)}</${name}>`;
    }
  }
  return content;
}

function own(name: string, content: string): string {
  return `<${name} xmlns="urn:rollcall:presence">${content}</${name}>`;
}
