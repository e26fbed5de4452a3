import { DocumentError } from '../xml/document-error.ts';
import { attributeOf, childrenOf, elementsOf, isIn, textOf, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { readActivities } from './activities.ts';
import { bounded, NOTE_LENGTH, TEXT_LENGTH } from './bounded.ts';
import { CIPID, DATA_MODEL, PIDF, ROLLCALL_PRESENCE, RPID } from './namespaces.ts';
import type { Person, PublishedState } from './presence-state.ts';
import { readServices } from './read-services.ts';

const LIMITS = { bytes: 25 * 1024, elements: 5_000 };

/**
 * Reads a published presence document (RFC 3863, 4479, 4480, 4482). Elements that it does not know are left out, and so is text
 * past its length.
 *
 * @throws {DocumentError}
 */
export function readPidf(body: Buffer): PublishedState {
  const root = readXml(body, LIMITS);
  if (root.namespace !== PIDF || root.local !== 'presence') {
    throw new DocumentError('schema-validation-error', `the root element is not <presence> of ${PIDF}`);
  }
  const tuples = childrenOf(root, PIDF, 'tuple');
  const persons = childrenOf(root, DATA_MODEL, 'person');
  const devices = childrenOf(root, DATA_MODEL, 'device');
  // The order in which the same statement counts: of the person first (RFC 4479 §3.2), old drafts had it in the status of a tuple.
  const places = [...persons, ...tuples.flatMap((tuple) => [tuple, ...childrenOf(tuple, PIDF, 'status')]), ...devices];
  const state: PublishedState = { open: isOpen(tuples), ...readActivities(places), ...readIdle(places) };
  const note = readNote(root, persons, tuples);
  if (note !== '') state.note = note;
  const calendar = firstText(childrenOf(root, ROLLCALL_PRESENCE, 'calendar'));
  if (calendar !== undefined) state.calendar = calendar;
  const location = readLocation(places);
  if (location !== undefined) state.location = location;
  const person = readPerson([...persons, ...tuples]);
  if (person !== undefined) state.person = person;
  return { ...state, ...readServices(tuples) };
}

/** A tuple whose status is none that RFC 3863 knows is open: baresip says `unkown` before its user has said anything. */
export function isClosed(tuple: XmlElement): boolean {
  const basic = childrenOf(tuple, PIDF, 'status').flatMap((status) => childrenOf(status, PIDF, 'basic'))[0];
  return basic !== undefined && textOf(basic).toLowerCase() === 'closed';
}

function isOpen(tuples: XmlElement[]): boolean {
  return tuples.length === 0 || tuples.some((tuple) => !isClosed(tuple));
}

/** RFC 4480 §3.16. */
function readIdle(places: XmlElement[]): Pick<PublishedState, 'idle' | 'idleSince'> {
  const inputs = places.flatMap((place) => childrenOf(place, RPID, 'user-input'));
  const input = inputs[0];
  if (input === undefined) return {};
  if (inputs.some((one) => textOf(one) !== 'idle')) return { idle: false };
  // The attribute was last-input from its draft to the RFC, whose examples call it last-active.
  const since = Date.parse(attributeOf(input, 'last-input') ?? attributeOf(input, 'last-active') ?? '');
  const inRange = since >= 0 && since < 253_402_300_800_000;
  return inRange ? { idle: true, idleSince: new Date(since).toISOString() } : { idle: true };
}

function readNote(root: XmlElement, persons: XmlElement[], tuples: XmlElement[]): string {
  const notes = [
    ...persons.flatMap((person) => [...childrenOf(person, DATA_MODEL, 'note'), ...childrenOf(person, RPID, 'note')]),
    ...childrenOf(root, PIDF, 'note'),
    ...tuples.flatMap((tuple) => childrenOf(tuple, PIDF, 'note')),
  ];
  return bounded(notes.map(textOf).find((text) => text !== '') ?? '', NOTE_LENGTH);
}

/** RFC 4480 §3.8: `<other>` with text, or an element of RFC 4589 whose name says it. */
function readLocation(places: XmlElement[]): string | undefined {
  const types = places.flatMap((place) => childrenOf(place, RPID, 'place-type')).flatMap(elementsOf);
  const type = types.find((one) => !(isIn(one, RPID) && ['note', 'unknown'].includes(one.local)));
  if (type === undefined) return undefined;
  const text = textOf(type);
  return bounded(text === '' ? type.local : text, TEXT_LENGTH);
}

const PERSON_FIELDS = {
  'display-name': 'displayName',
  card: 'card',
  homepage: 'homepage',
  icon: 'icon',
  map: 'map',
  sound: 'sound',
} as const;

function readPerson(places: XmlElement[]): Person | undefined {
  const person: Person = {};
  for (const [name, field] of Object.entries(PERSON_FIELDS)) {
    const text = firstText(places.flatMap((place) => childrenOf(place, CIPID, name)));
    if (text !== undefined) person[field] = text;
  }
  return Object.keys(person).length > 0 ? person : undefined;
}

function firstText(elements: XmlElement[]): string | undefined {
  const text = elements.map(textOf).find((one) => one !== '');
  return text === undefined ? undefined : bounded(text, TEXT_LENGTH);
}
