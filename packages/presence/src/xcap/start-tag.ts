import type { XmlElement } from '../xml/element.ts';

const PIECE = /\s+([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

export interface WrittenAttribute {
  /** Text offsets: from the white space before it to behind its quote. */
  start: number;
  end: number;
  /** Between its quotes, as written. */
  text: string;
}

/** Where an attribute stands in the text of a start tag, which is known to be well-formed. */
export function findAttribute(
  document: string,
  element: XmlElement,
  wanted: { namespace: string; local: string },
): WrittenAttribute | undefined {
  const attribute = element.attributes.find((one) => one.local === wanted.local && one.namespace === wanted.namespace);
  if (attribute === undefined) return undefined;
  const name = attribute.prefix === '' ? attribute.local : `${attribute.prefix}:${attribute.local}`;
  for (const match of document.slice(element.start, element.contentStart).matchAll(PIECE)) {
    if (match[1] !== name) continue;
    const start = element.start + match.index;
    return { start, end: start + match[0].length, text: match[2] ?? match[3] ?? '' };
  }
  return undefined;
}

/** Behind the name of a start tag: where an attribute can be put. */
export function behindName(document: string, element: XmlElement): number {
  return element.start + /^<[^\s/>]+/.exec(document.slice(element.start, element.contentStart))![0].length;
}
