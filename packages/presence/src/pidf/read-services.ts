import { attributeOf, childOf, elementsOf, isIn, textOf, type XmlElement } from '../xml/element.ts';
import { writeElement } from '../xml/write-xml.ts';
import { bounded, TEXT_LENGTH } from './bounded.ts';
import { CIPID, DATA_MODEL, PIDF, RPID } from './namespaces.ts';
import type { PublishedState, Service } from './presence-state.ts';
import { isClosed } from './read-pidf.ts';

const MAXIMUM_SERVICES = 8;
const XML_LENGTH = 2_000;
// xs:ID; those with our prefix are made by formatPidf.
const ID = /^(?!rollcall-)[A-Za-z_][\w.-]{0,63}$/;
/** What these say of a person goes by the fields of their own, which not every level sees. */
const OF_THE_SERVICE = ['class', 'service-class', 'relationship'];

/** The open tuples. A contact at a tel: URI is the phone, and no service, so that a level that hides the phone hides it. */
export function readServices(tuples: XmlElement[]): Pick<PublishedState, 'services' | 'phone'> {
  const services: Service[] = [];
  let phone: string | undefined;
  const ids = new Set<string>();
  for (const tuple of tuples) {
    if (isClosed(tuple)) continue;
    const contact = readContact(tuple);
    if (contact?.toLowerCase().startsWith('tel:')) phone ??= contact;
    else if (services.length < MAXIMUM_SERVICES) services.push(readService(tuple, contact, ids));
  }
  return { ...(phone === undefined ? {} : { phone }), ...(services.length === 0 ? {} : { services }) };
}

function readContact(tuple: XmlElement): string | undefined {
  const element = childOf(tuple, PIDF, 'contact');
  const contact = element === undefined ? '' : textOf(element);
  return contact === '' || contact.length > TEXT_LENGTH || /\s/.test(contact) ? undefined : contact;
}

function readService(tuple: XmlElement, contact: string | undefined, ids: Set<string>): Service {
  const service: Service = { id: readId(tuple, ids) };
  if (contact !== undefined) service.contact = contact;
  const priority = attributeOf(childOf(tuple, PIDF, 'contact') ?? tuple, 'priority');
  // RFC 3863 §4.1.3: 0 to 1 with three digits.
  if (priority !== undefined && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(priority))
    service.priority = Number(priority);
  const xml = readFurther(tuple);
  if (xml !== '') service.xml = xml;
  return service;
}

function readId(tuple: XmlElement, ids: Set<string>): string {
  const given = attributeOf(tuple, 'id') ?? '';
  let id = ID.test(given) ? given : 'service';
  for (let n = 2; ids.has(id); n++) id = `${bounded(given === id ? given : 'service', 60)}-${n}`;
  ids.add(id);
  return id;
}

function readFurther(tuple: XmlElement): string {
  let xml = '';
  for (const element of elementsOf(tuple)) {
    if (!isFurther(element)) continue;
    xml += writeElement(element, XML_LENGTH - xml.length) ?? '';
  }
  return xml;
}

function isFurther(element: XmlElement): boolean {
  if (isIn(element, RPID)) return OF_THE_SERVICE.includes(element.local);
  if (isIn(element, DATA_MODEL)) return element.local === 'deviceID';
  if (isIn(element, CIPID) || element.namespace === PIDF || element.namespace === '') return false;
  return !/:(?:geopriv10|timed-status)\b/.test(element.namespace);
}
