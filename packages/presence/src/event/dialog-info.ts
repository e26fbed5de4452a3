import { DocumentError } from '../xml/document-error.ts';
import { attributeOf, childOf, childrenOf, textOf, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { escapeAttribute, writeElement, XML_DECLARATION } from '../xml/write-xml.ts';

export const DIALOG_INFO_TYPE = 'application/dialog-info+xml';

const NAMESPACE = 'urn:ietf:params:xml:ns:dialog-info';
const LIMITS = { bytes: 25 * 1024, elements: 1_000 };
/** What is written anew may be longer: each dialog declares its namespaces. */
const STORED_LIMITS = { bytes: 64 * 1024, elements: 1_000 };
const MAXIMUM_LENGTH = 60_000;
/** RFC 4235 §3.7.1. */
const STATES = ['trying', 'proceeding', 'early', 'confirmed', 'terminated'];

/**
 * Checks a published document (RFC 4235) and writes it anew, without what is no XML of its own (comments, processing instructions).
 *
 * @throws {DocumentError}
 */
export function checkDialogInfo(body: Buffer): string {
  const root = readXml(body, LIMITS);
  if (root.namespace !== NAMESPACE || root.local !== 'dialog-info') {
    throw new DocumentError('schema-validation-error', `the root element is not <dialog-info> of ${NAMESPACE}`);
  }
  const ids = new Set<string>();
  for (const dialog of childrenOf(root, NAMESPACE, 'dialog')) {
    const id = attributeOf(dialog, 'id') ?? '';
    if (id === '' || ids.has(id)) throw new DocumentError('schema-validation-error', 'a dialog has no id of its own');
    ids.add(id);
    const state = childOf(dialog, NAMESPACE, 'state');
    if (state === undefined || !STATES.includes(textOf(state))) {
      throw new DocumentError('schema-validation-error', 'a dialog has no state that RFC 4235 knows');
    }
  }
  const text = writeElement(root, MAXIMUM_LENGTH);
  if (text === undefined) throw new DocumentError('too-large', `it has more than ${MAXIMUM_LENGTH} characters`);
  return text;
}

/**
 * All dialogs of several documents that `checkDialogInfo` has passed, as one of full state. Where two endpoints use the same id, the
 * later ones get a number behind it.
 */
export function formatDialogInfo(
  documents: readonly string[],
  { entity, version }: { entity: string; version: number },
): string {
  const ids = new Set<string>();
  const dialogs = documents
    .flatMap((document) => childrenOf(readXml(document, STORED_LIMITS), NAMESPACE, 'dialog'))
    .map((dialog) => writeElement(withOwnId(dialog, ids)))
    .join('');
  return (
    `${XML_DECLARATION}<dialog-info xmlns="${NAMESPACE}" version="${version}" state="full" entity="${escapeAttribute(entity)}">` +
    `${dialogs}</dialog-info>\n`
  );
}

function withOwnId(dialog: XmlElement, ids: Set<string>): XmlElement {
  const given = attributeOf(dialog, 'id') ?? '';
  let id = given;
  for (let n = 2; ids.has(id); n++) id = `${given}-${n}`;
  ids.add(id);
  const attributes = dialog.attributes.map((one) =>
    one.local === 'id' && one.prefix === '' ? { ...one, value: id } : one,
  );
  return { ...dialog, attributes };
}
