import { DocumentError } from '../xml/document-error.ts';
import { attributeOf, childOf, childrenOf, elementsOf, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { quote, readAddress } from '../xml/sip-address.ts';
import {
  CONTACT_NAMESPACE,
  type ContactDocument,
  type DocumentContact,
  RESOURCE_LISTS_NAMESPACE as RESOURCE_LISTS,
} from './contact-document.ts';
import { orderOf } from './order-of-lists.ts';

// 1,000 contacts with name and note in several groups.
const LIMITS = { bytes: 1_048_576, elements: 20_000 };
// No setting allows more; so what follows is bounded before the back end counts.
const MAXIMUM_CONTACTS = 1_000;
const MAXIMUM_GROUPS = 64;
const NAME_BYTES = 255;
const NOTE_BYTES = 1_023;

/**
 * Reads an RFC 4826 document: each list is a group, the list without a name holds the contacts of none. What the pool would not keep is
 * refused, so that nobody's contacts vanish: lists within lists, and references to other lists (its own among them).
 *
 * @throws {DocumentError}
 */
export function readResourceLists(document: string | Buffer): ContactDocument {
  const root = readXml(document, LIMITS);
  if (root.namespace !== RESOURCE_LISTS || root.local !== 'resource-lists') {
    throw new DocumentError('schema-validation-error', `the root element is not <resource-lists> of ${RESOURCE_LISTS}`);
  }
  const contacts = new Map<string, DocumentContact>();
  const names: (string | undefined)[] = [];
  const orders: string[][] = [];
  for (const list of elementsOf(root)) {
    // RFC 4826 §3.4.1: other namespaces may stand here; the pool has no place for them.
    if (list.namespace !== RESOURCE_LISTS) continue;
    if (list.local !== 'list') throw invalid(`<${list.local}> stands outside of a list`);
    const name = readName(list);
    if (names.includes(name)) throw invalid(`two lists have the name ${quote(name ?? '')}`);
    names.push(name);
    if (names.length > MAXIMUM_GROUPS + 1) throw tooMany(`${MAXIMUM_GROUPS} lists`);
    orders.push(readEntries(list, name, contacts));
  }
  const order = orderOf(orders);
  return {
    groups: names.flatMap((name) => (name === undefined ? [] : { name })),
    contacts: order.map((address) => contacts.get(address)!),
  };
}

function readName(list: XmlElement): string | undefined {
  const name = attributeOf(list, 'name');
  if (name === undefined) return undefined;
  // So it stands in the database, and in the selectors of clients.
  if (name.trim() === '' || Buffer.byteLength(name) > NAME_BYTES) {
    throw new DocumentError('constraint-failure', `the name of a list has 1 to ${NAME_BYTES} bytes`);
  }
  return name;
}

function readEntries(list: XmlElement, name: string | undefined, contacts: Map<string, DocumentContact>): string[] {
  const addresses = new Set<string>();
  for (const element of elementsOf(list)) {
    if (element.namespace !== RESOURCE_LISTS || element.local === 'display-name') continue;
    if (element.local !== 'entry') {
      throw new DocumentError(
        'constraint-failure',
        `<${element.local.slice(0, 50)}> is not kept: lists hold entries only`,
      );
    }
    const uri = attributeOf(element, 'uri');
    if (uri === undefined) throw invalid('an entry has no uri');
    const address = readAddress(uri);
    if (addresses.has(address)) throw invalid(`two entries of a list have the uri ${quote(uri)}`);
    addresses.add(address);
    addEntry(contacts, address, name, element);
  }
  return [...addresses];
}

/** A contact has one name and one note; what its first entry says counts. */
function addEntry(
  contacts: Map<string, DocumentContact>,
  address: string,
  group: string | undefined,
  entry: XmlElement,
): void {
  let contact = contacts.get(address);
  if (contact === undefined) {
    contact = { address, groups: [] };
    if (contacts.set(address, contact).size > MAXIMUM_CONTACTS) throw tooMany(`${MAXIMUM_CONTACTS} contacts`);
  }
  if (group !== undefined) contact.groups.push(group);
  const displayName = readField(childrenOf(entry, RESOURCE_LISTS, 'display-name'), NAME_BYTES, 'display name');
  if (displayName !== undefined) contact.displayName ??= displayName;
  const note = childOf(entry, CONTACT_NAMESPACE, 'note');
  const text = readField(note === undefined ? [] : [note], NOTE_BYTES, 'note');
  if (text !== undefined) contact.note ??= text;
}

/** Of several in different languages the first. */
function readField([element]: XmlElement[], bytes: number, what: string): string | undefined {
  const text = element === undefined ? '' : element.children.filter((child) => typeof child === 'string').join('');
  if (text.trim() === '') return undefined;
  if (Buffer.byteLength(text) > bytes) {
    throw new DocumentError('constraint-failure', `a ${what} has more than ${bytes} bytes`);
  }
  return text;
}

function tooMany(what: string): DocumentError {
  return new DocumentError('constraint-failure', `there are at most ${what}`);
}

function invalid(reason: string): DocumentError {
  return new DocumentError('schema-validation-error', reason);
}
