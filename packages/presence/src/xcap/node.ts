import { namespacesIn, type XmlElement } from '../xml/element.ts';
import { escapeAttribute } from '../xml/write-xml.ts';
import type { NodeSelector } from './node-selector.ts';
import { putAttribute, putElement } from './put-node.ts';
import { readStored, selectAfter } from './read-stored.ts';
import { selectElement } from './select.ts';
import { findAttribute } from './start-tag.ts';
import type { XcapError } from './xcap-error.ts';

export interface NodeContent {
  /** `application/xcap-el+xml`, `application/xcap-att+xml` or `application/xcap-ns+xml`. */
  contentType: string;
  text: string;
}

/** `document` is the whole document after the change; the application usage has yet to check it (readResourceLists, readPresRules). */
export type NodeChange =
  | { outcome: 'created' | 'replaced' | 'deleted'; document: string }
  /** 404, of DELETE. */
  | { outcome: 'not_found' }
  /** 409 with formatXcapError(error). */
  | { outcome: 'conflict'; error: XcapError };

/** RFC 4825 §7.6, §7.9, §7.10: elements and attribute values as they are written. undefined: 404. @throws {DocumentError} */
export function getNode(document: string, { steps, terminal }: NodeSelector): NodeContent | undefined {
  const element = selectElement(readStored(document), steps);
  if (element === undefined) return undefined;
  switch (terminal.kind) {
    case 'element':
      return { contentType: 'application/xcap-el+xml', text: document.slice(element.start, element.end) };
    case 'attribute': {
      const attribute = findAttribute(document, element, terminal);
      return attribute && { contentType: 'application/xcap-att+xml', text: attribute.text };
    }
    case 'namespaces':
      return { contentType: 'application/xcap-ns+xml', text: formatNamespaces(element) };
  }
}

/**
 * RFC 4825 §8.2: replaces or inserts one element or attribute.
 *
 * @param content the request's body
 * @throws {DocumentError} the document itself is none
 */
export function putNode(document: string, selector: NodeSelector, content: Buffer): NodeChange {
  return selector.terminal.kind === 'attribute'
    ? putAttribute(document, selector.steps, selector.terminal, content)
    : putElement(document, selector.steps, content);
}

/** RFC 4825 §8.4. @throws {DocumentError} */
export function deleteNode(document: string, { steps, terminal }: NodeSelector): NodeChange {
  const root = readStored(document);
  const element = selectElement(root, steps);
  if (element === undefined) return { outcome: 'not_found' };
  const place = terminal.kind === 'attribute' ? findAttribute(document, element, terminal) : element;
  if (place === undefined) return { outcome: 'not_found' };
  if (place === root) return conflict('cannot-delete', 'a document has a root element; DELETE the document itself');
  const after = document.slice(0, place.start) + document.slice(place.end);
  // §8.4: were there another one under that name now, the same request again would remove that.
  if (terminal.kind === 'element' && selectAfter(after, steps) !== undefined) {
    return conflict('cannot-delete', 'another element would take its place; select it by an attribute');
  }
  return { outcome: 'deleted', document: after };
}

/** RFC 4825 §7.10: an empty element of that name with the bindings that are in scope. */
function formatNamespaces(element: XmlElement): string {
  const bindings = Object.entries(namespacesIn(element))
    .map(([prefix, namespace]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(namespace)}"`)
    .join('');
  return `<${element.prefix === '' ? '' : `${element.prefix}:`}${element.local}${bindings}/>`;
}

function conflict(condition: XcapError['condition'], phrase: string): NodeChange {
  return { outcome: 'conflict', error: { condition, phrase } };
}
