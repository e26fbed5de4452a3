import { DocumentError } from '../xml/document-error.ts';
import { namespacesIn, type XmlElement } from '../xml/element.ts';
import { escapeAttribute } from '../xml/write-xml.ts';
import type { NodeSelector } from './node-selector.ts';
import { putAttribute, putElement } from './put-node.ts';
import { readStored } from './read-stored.ts';
import { familyOf, onlyMatch, selectElement } from './select.ts';
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

/**
 * RFC 4825 §7.6, §7.9, §7.10: elements and attribute values as they are written. undefined: 404.
 *
 * @throws {DocumentError} too-large: no parts of such a document are told (413)
 */
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

/** RFC 4825 §8.2: replaces or inserts one element or attribute. `content` is the request's body. */
export function putNode(document: string, { steps, terminal }: NodeSelector, content: Buffer): NodeChange {
  return changing(document, (root) =>
    terminal.kind === 'attribute'
      ? putAttribute(document, root, steps, terminal, content)
      : putElement(document, root, steps, content),
  );
}

/** RFC 4825 §8.4. */
export function deleteNode(document: string, selector: NodeSelector): NodeChange {
  return changing(document, (root) => removeNode(document, root, selector));
}

function changing(document: string, change: (root: XmlElement) => NodeChange): NodeChange {
  try {
    return change(readStored(document));
  } catch (error) {
    if (!(error instanceof DocumentError) || error.fault !== 'too-large') throw error;
    return conflict('constraint-failure', `the document changes as a whole only: ${error.message}`);
  }
}

function removeNode(document: string, root: XmlElement, { steps, terminal }: NodeSelector): NodeChange {
  const element = selectElement(root, steps);
  if (element === undefined) return { outcome: 'not_found' };
  const place = terminal.kind === 'attribute' ? findAttribute(document, element, terminal) : element;
  if (place === undefined) return { outcome: 'not_found' };
  if (place === root) return conflict('cannot-delete', 'a document has a root element; DELETE the document itself');
  const after = document.slice(0, place.start) + document.slice(place.end);
  // §8.4: were there another one under that name now, the same request again would remove that.
  const others = familyOf(element).filter((one) => one !== element);
  if (terminal.kind === 'element' && onlyMatch(others, steps.at(-1)!) !== undefined) {
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
