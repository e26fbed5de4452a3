import { DocumentError } from '../xml/document-error.ts';
import type { XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import type { Step } from './node-selector.ts';
import { selectElement } from './select.ts';

/** A document of ours, formatted from rows: as large as the pool lets them be. */
const LIMITS = { bytes: 8_000_000, elements: 150_000 };

/** @throws {DocumentError} */
export function readStored(document: string): XmlElement {
  return readXml(document, LIMITS);
}

/** What the steps lead to in a document after a change; undefined also when the change has made it none. */
export function selectAfter(document: string, steps: readonly Step[]): XmlElement | undefined {
  try {
    return selectElement(readStored(document), steps);
  } catch (error) {
    if (error instanceof DocumentError) return undefined;
    throw error;
  }
}
