import type { XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';

/**
 * A document of ours, of which a part is asked for. One that is larger (more than 5,000 rules) is told and replaced as a whole only:
 * to read it takes a front end's only thread too long.
 */
const LIMITS = { bytes: 2_000_000, elements: 100_000 };

/** @throws {DocumentError} */
export function readStored(document: string): XmlElement {
  return readXml(document, LIMITS);
}
