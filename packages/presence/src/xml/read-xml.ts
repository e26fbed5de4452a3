import { SaxesParser, type SaxesTagNS } from 'saxes';
import { DocumentError } from './document-error.ts';
import type { XmlElement } from './element.ts';

export interface XmlLimits {
  bytes: number;
  elements: number;
}

const MAXIMUM_DEPTH = 32;
const MAXIMUM_ATTRIBUTES = 32;
const MAXIMUM_NAME = 500;

/**
 * Reads a well-formed document with namespaces (XML 1.0, UTF-8). It is given up at the first thing that is wrong or too much, so
 * the cost is linear in the limits.
 *
 * @param namespaces that a fragment of another document has in scope
 * @throws {DocumentError}
 */
export function readXml(
  body: Buffer | string,
  limits: XmlLimits,
  namespaces: Readonly<Record<string, string>> = {},
): XmlElement {
  if (body.length > limits.bytes) throw new DocumentError('too-large', `it has more than ${limits.bytes} bytes`);
  const text = typeof body === 'string' ? body : decode(body);
  // No document type at all: no entities of its own, nothing to fetch, nothing that grows. Inside a comment it is refused as well.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) throw new DocumentError('not-well-formed', 'a document type is not accepted');
  const tree = new TreeBuilder(text, limits.elements);
  // Version 1.1 would let control characters in.
  const parser = new SaxesParser({
    xmlns: true,
    position: true,
    forceXMLVersion: true,
    defaultXMLVersion: '1.0',
    additionalNamespaces: { ...namespaces },
  });
  parser.on('xmldecl', (declaration) => {
    if (declaration.encoding !== undefined && !/^(?:utf-8|us-ascii)$/i.test(declaration.encoding)) {
      throw new DocumentError('not-utf-8', 'it says that it is not in UTF-8');
    }
  });
  parser.on('opentagstart', () => tree.begin(parser.position));
  let attributes = 0;
  parser.on('attribute', () => {
    if (++attributes > MAXIMUM_ATTRIBUTES) throw new DocumentError('too-large', 'an element has too many attributes');
  });
  parser.on('opentag', (tag) => {
    attributes = 0;
    tree.open(tag, parser.position);
  });
  parser.on('text', (part) => tree.text(part));
  parser.on('cdata', (part) => tree.text(part));
  parser.on('closetag', (tag) => tree.close(tag, parser.position));
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    throw new DocumentError('not-well-formed', `it is not well-formed: ${(error as Error).message.slice(0, 100)}`);
  }
  return tree.root();
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new DocumentError('not-utf-8', 'it is not in UTF-8');
  }
}

class TreeBuilder {
  readonly #source: string;
  readonly #maximum: number;
  #count = 0;
  #depth = 0;
  #start = 0;
  #root: XmlElement | undefined;
  #current: XmlElement | undefined;

  constructor(source: string, maximum: number) {
    this.#source = source;
    this.#maximum = maximum;
  }

  begin(position: number): void {
    if (++this.#count > this.#maximum)
      throw new DocumentError('too-large', `it has more than ${this.#maximum} elements`);
    if (++this.#depth > MAXIMUM_DEPTH)
      throw new DocumentError('too-large', `it is nested deeper than ${MAXIMUM_DEPTH}`);
    this.#start = this.#source.lastIndexOf('<', position - 1);
  }

  open(tag: SaxesTagNS, position: number): void {
    const element: XmlElement = {
      prefix: tag.prefix,
      local: tag.local,
      namespace: tag.uri,
      attributes: [],
      declarations: tag.ns,
      children: [],
      parent: this.#current,
      start: this.#start,
      contentStart: position,
      contentEnd: position,
      end: position,
    };
    for (const { prefix, local, uri, value, name } of Object.values(tag.attributes)) {
      if (name.length > MAXIMUM_NAME) throw new DocumentError('too-large', 'a name is too long');
      if (prefix !== 'xmlns' && name !== 'xmlns') element.attributes.push({ prefix, local, namespace: uri, value });
      else if (value.length > MAXIMUM_NAME) throw new DocumentError('too-large', "a namespace's name is too long");
    }
    if (tag.name.length > MAXIMUM_NAME) throw new DocumentError('too-large', 'a name is too long');
    if (this.#current === undefined) this.#root = element;
    else this.#current.children.push(element);
    this.#current = element;
  }

  text(part: string): void {
    this.#current?.children.push(part);
  }

  close(tag: SaxesTagNS, position: number): void {
    const element = this.#current!;
    if (!tag.isSelfClosing) {
      element.end = position;
      element.contentEnd = this.#source.lastIndexOf('<', position - 1);
    }
    this.#depth--;
    this.#current = element.parent;
  }

  root(): XmlElement {
    if (this.#root === undefined) throw new DocumentError('not-well-formed', 'it has no element');
    return this.#root;
  }
}
