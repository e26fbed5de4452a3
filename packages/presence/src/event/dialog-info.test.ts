import { expect, test } from 'vitest';
import { attributeOf, childOf, elementsOf, textOf } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { checkDialogInfo, formatDialogInfo } from './dialog-info.ts';

const NAMESPACE = 'urn:ietf:params:xml:ns:dialog-info';
const ENTITY = { entity: 'sip:alice@example.org', version: 5 };

function publish(
  dialogs: string,
  root = `dialog-info xmlns="${NAMESPACE}" version="0" state="full" entity="sip:a@b"`,
): string {
  return checkDialogInfo(Buffer.from(`<?xml version="1.0"?><${root}>${dialogs}</dialog-info>`));
}

test('dialogs of two endpoints are one document, each with an id of its own', () => {
  const one = publish(
    '<dialog id="1" call-id="x&amp;y" direction="initiator"><state event="remote-busy">early</state></dialog>',
  );
  const two = publish(
    '<!-- second --><dialog id="1"><state>confirmed</state><local><identity display="Ä">sip:a@b</identity></local></dialog>' +
      '<dialog id="2"><state>terminated</state><e:x xmlns:e="urn:example">y</e:x></dialog>',
  );
  const root = readXml(formatDialogInfo([one, two], ENTITY), { bytes: 25_000, elements: 100 });
  expect(['entity', 'version', 'state'].map((name) => attributeOf(root, name))).toEqual([
    'sip:alice@example.org',
    '5',
    'full',
  ]);
  expect(
    elementsOf(root).map((dialog) => [attributeOf(dialog, 'id'), textOf(childOf(dialog, NAMESPACE, 'state')!)]),
  ).toEqual([
    ['1', 'early'],
    ['1-2', 'confirmed'],
    ['2', 'terminated'],
  ]);
  expect(attributeOf(elementsOf(root)[0]!, 'call-id')).toBe('x&y');
});

test('without documents there are no dialogs', () => {
  expect(elementsOf(readXml(formatDialogInfo([], ENTITY), { bytes: 1_000, elements: 10 }))).toEqual([]);
  expect(formatDialogInfo([publish('')], ENTITY)).toBe(formatDialogInfo([], ENTITY));
});

test.each([
  ['a wrong namespace', '', 'dialog-info xmlns="urn:example"', 'schema-validation-error'],
  ['no id', '<dialog><state>early</state></dialog>', undefined, 'schema-validation-error'],
  ['an id twice', '<dialog id="1"><state>early</state></dialog>'.repeat(2), undefined, 'schema-validation-error'],
  ['no state', '<dialog id="1"/>', undefined, 'schema-validation-error'],
  ['a state of its own', '<dialog id="1"><state>singing</state></dialog>', undefined, 'schema-validation-error'],
  ['1 MB', ' '.repeat(1_000_000), undefined, 'too-large'],
  ['an end that is missing', '<dialog>', undefined, 'not-well-formed'],
])('%s is refused', (_name, dialogs, root, fault) => {
  expect(() => publish(dialogs, root)).toThrow(expect.objectContaining({ name: 'DocumentError', fault }));
});

test('a document that would grow is refused, and what was accepted can be merged', () => {
  const prefixes = Array.from({ length: 20 }, (_, n) => ` xmlns:p${n}="urn:${n}${'x'.repeat(480)}"`).join('');
  const dialog = (n: number) =>
    `<dialog id="${n}"><state>early</state>${Array.from({ length: 20 }, (_, m) => `<p${m}:a/>`).join('')}</dialog>`;
  const dialogs = Array.from({ length: 40 }, (_, n) => dialog(n)).join('');
  expect(() => publish(dialogs, `dialog-info xmlns="${NAMESPACE}"${prefixes}`)).toThrow(
    expect.objectContaining({ fault: 'too-large' }),
  );
  const stored = publish(dialog(1), `dialog-info xmlns="${NAMESPACE}"${prefixes}`);
  expect(formatDialogInfo([stored, stored], ENTITY)).toContain('id="1-2"');
});
