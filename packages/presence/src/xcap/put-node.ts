import { DocumentError } from '../xml/document-error.ts';
import { elementsOf, namespacesIn, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import type { NodeChange } from './node.ts';
import type { Step } from './node-selector.ts';
import { readStored, selectAfter } from './read-stored.ts';
import { hasAttribute, hasName, selectElement } from './select.ts';
import { behindName, findAttribute } from './start-tag.ts';
import type { XcapError } from './xcap-error.ts';

const FRAGMENT_LIMITS = { bytes: 1_048_576, elements: 20_000 };

/** RFC 4825 §8.2.3, §8.2.4. */
export function putElement(document: string, steps: readonly Step[], content: Buffer): NodeChange {
  const root = readStored(document);
  const text = decode(content);
  if (text === undefined) return conflict('not-utf-8', 'the element is not in UTF-8');
  const existing = selectElement(root, steps);
  const parent = existing ? existing.parent : selectElement(root, steps.slice(0, -1));
  if (existing === undefined && parent === undefined) return noParent(root, steps);
  const fragment = readFragment(text, namespacesIn(parent));
  if ('error' in fragment) return { outcome: 'conflict', error: fragment.error };
  const step = steps.at(-1)!;
  // §8.2.1: what is put must be found under the same URI.
  if (!hasName(fragment.element, step) || !hasAttribute(fragment.element, step)) {
    return conflict('cannot-insert', 'the element has not the name or the attribute that the URI says');
  }
  const written = text.slice(fragment.element.start, fragment.element.end);
  const place = existing ?? placeOf(parent!, step);
  if (place === undefined)
    return conflict('cannot-insert', 'there are fewer elements of that name than the position says');
  const after = splice(document, place, written, parent);
  const put = selectAfter(after, steps);
  if (put === undefined || after.slice(put.start, put.end) !== written) {
    return conflict('cannot-insert', 'the URI would not lead to the element');
  }
  return { outcome: existing ? 'replaced' : 'created', document: after };
}

/** RFC 4825 §8.2.2, §8.2.4. */
export function putAttribute(
  document: string,
  steps: readonly Step[],
  name: { namespace: string; local: string },
  content: Buffer,
): NodeChange {
  const root = readStored(document);
  const text = decode(content);
  if (text === undefined) return conflict('not-utf-8', 'the attribute value is not in UTF-8');
  const element = selectElement(root, steps);
  if (element === undefined) return noParent(root, steps);
  const value = text.includes("'") ? `"${text.replaceAll('"', '&quot;')}"` : `'${text}'`;
  if (!isAttributeValue(value)) return conflict('not-xml-att-value', 'that is no attribute value');
  const existing = findAttribute(document, element, name);
  const written = qualify(element, name);
  if (written === undefined || written === 'xmlns') {
    return conflict(
      'cannot-insert',
      'the document has no prefix for that namespace, and none is declared this way (§7.10)',
    );
  }
  const at = behindName(document, element);
  const after = splice(document, existing ?? { start: at, end: at }, ` ${written}=${value}`, undefined);
  // §8.2.1: an attribute by which the element is selected cannot become another.
  if (selectAfter(after, steps) === undefined) {
    return conflict('cannot-insert', 'the URI would not lead to the attribute');
  }
  return { outcome: existing ? 'replaced' : 'created', document: after };
}

/** §8.2.3: behind the last of its name, or as the last child; with a position, where it becomes that one of its name. */
function placeOf(parent: XmlElement, step: Step): { start: number; end: number } | undefined {
  const siblings = elementsOf(parent).filter((one) => hasName(one, step));
  const { position } = step;
  if (position !== undefined && position > siblings.length + 1) return undefined;
  const next = position === undefined ? undefined : siblings[position - 1];
  if (next !== undefined) return { start: next.start, end: next.start };
  const at = siblings.at(-1)?.end ?? parent.contentEnd;
  return { start: at, end: at };
}

function splice(
  document: string,
  { start, end }: { start: number; end: number },
  text: string,
  parent: XmlElement | undefined,
): string {
  const isEmptyTag = parent !== undefined && parent.contentStart === parent.end && start === parent.end;
  if (!isEmptyTag) return document.slice(0, start) + text + document.slice(end);
  // `<list/>` has to be opened first.
  const name = parent.prefix === '' ? parent.local : `${parent.prefix}:${parent.local}`;
  return `${document.slice(0, start).replace(/\/>$/, '>')}${text}</${name}>${document.slice(end)}`;
}

/** One element and nothing else, in the namespaces that hold where it goes (§8.2.1). */
function readFragment(
  text: string,
  namespaces: Record<string, string>,
): { element: XmlElement } | { error: XcapError } {
  try {
    if (text.trimStart().startsWith('<?xml'))
      throw new DocumentError('not-well-formed', 'an element has no XML declaration');
    return { element: readXml(text, FRAGMENT_LIMITS, namespaces) };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { error: { condition: 'not-xml-frag', phrase: error.message } };
  }
}

function isAttributeValue(quoted: string): boolean {
  try {
    return readXml(`<a b=${quoted}/>`, FRAGMENT_LIMITS).attributes.length === 1;
  } catch (error) {
    if (error instanceof DocumentError) return false;
    throw error;
  }
}

function qualify(element: XmlElement, { namespace, local }: { namespace: string; local: string }): string | undefined {
  if (namespace === '') return local;
  const binding = Object.entries(namespacesIn(element)).find(([prefix, name]) => prefix !== '' && name === namespace);
  return binding && `${binding[0]}:${local}`;
}

/** §8.2.1, §11.2: with the closest ancestor that is there. */
function noParent(root: XmlElement, steps: readonly Step[]): NodeChange {
  let depth = steps.length - 1;
  while (depth > 0 && selectElement(root, steps.slice(0, depth)) === undefined) depth--;
  const ancestor = steps.slice(0, depth).map(({ text }) => `/${text}`);
  const phrase = 'the parent of what is put is not there';
  return { outcome: 'conflict', error: { condition: 'no-parent', phrase, ancestor: ancestor.join('') } };
}

function decode(content: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

function conflict(condition: XcapError['condition'], phrase: string): NodeChange {
  return { outcome: 'conflict', error: { condition, phrase } };
}
