import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readXml } from '../xml/read-xml.ts';
import { escapeAttribute } from '../xml/write-xml.ts';
import { deleteNode, getNode, putNode } from './node.ts';
import { readNodeSelector } from './node-selector.ts';

const LIMITS = { bytes: 100_000, elements: 1_000 };

const element = fc
  .tuple(
    fc.constantFrom('a', 'b', 'p:a'),
    fc.constantFrom('1', '2', 'é"\'&<'),
    fc.constantFrom('', '<a/>', 'text', '<p:b x="1"/>'),
  )
  .map(([name, id, content]) => `<${name} id="${escapeAttribute(id)}">${content}</${name}>`);
const document = fc
  .array(element, { maxLength: 5 })
  .map((children) => `<?xml version="1.0"?>\n<r xmlns="urn:r" xmlns:p="urn:p">\n ${children.join('\n ')}</r>\n`);
const step = fc
  .tuple(
    fc.constantFrom('a', 'b', 'p:a', '*'),
    fc.constantFrom('', '[1]', '[2]', '[3]'),
    fc.constantFrom('', '[@id="1"]', "[@id='2']", '[@id="é&quot;\'&amp;&lt;"]'),
  )
  .map((parts) => parts.join(''));
const path = fc.array(step, { minLength: 0, maxLength: 2 }).map((steps) => ['', 'r', ...steps].join('/'));

function selectorOf(text: string) {
  return readNodeSelector(encodeURI(text), 'xmlns(p=urn:p)', 'urn:r')!;
}

test('what was put is got, putting it again changes nothing, and what was removed is gone', () => {
  fc.assert(
    fc.property(document, path, element, (before, where, content) => {
      const selector = selectorOf(where);
      const put = putNode(before, selector, Buffer.from(content));
      if (put.outcome !== 'conflict') {
        const { document: after } = put as { document: string };
        readXml(after, LIMITS);
        expect(getNode(after, selector)?.text).toBe(content);
        expect(putNode(after, selector, Buffer.from(content))).toEqual({ outcome: 'replaced', document: after });
        expect(put.outcome).toBe(getNode(before, selector) === undefined ? 'created' : 'replaced');
      }
      const removed = deleteNode(before, selector);
      if (removed.outcome === 'deleted') {
        readXml(removed.document, LIMITS);
        expect(getNode(removed.document, selector)).toBeUndefined();
      }
    }),
    { numRuns: 500 },
  );
});

test('the same with attributes', () => {
  fc.assert(
    fc.property(
      document,
      path,
      fc.constantFrom('id', 'x', 'p:x'),
      fc.string({ unit: 'grapheme' }),
      (before, where, name, value) => {
        const selector = selectorOf(`${where}/@${name}`);
        const put = putNode(before, selector, Buffer.from(escapeAttribute(value)));
        if (put.outcome === 'conflict') return;
        const { document: after } = put as { document: string };
        readXml(after, LIMITS);
        expect(getNode(after, selector)?.text).toBe(escapeAttribute(value));
        const removed = deleteNode(after, selector);
        expect(removed.outcome).toBe('deleted');
        expect(getNode((removed as { document: string }).document, selector)).toBeUndefined();
      },
    ),
    { numRuns: 500 },
  );
});
