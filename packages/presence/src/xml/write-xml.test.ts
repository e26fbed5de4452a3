import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attributeOf, elementsOf } from './element.ts';
import { readXml } from './read-xml.ts';
import { escapeAttribute, escapeText, writeElement } from './write-xml.ts';

const LIMITS = { bytes: 100_000, elements: 100 };

test('any text comes back as it was, but for what XML cannot say', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const root = readXml(`<a b="${escapeAttribute(text)}">${escapeText(text)}</a>`, LIMITS);
      const expected = text.toWellFormed().replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd');
      expect(attributeOf(root, 'b')).toBe(expected);
      expect(root.children.join('')).toBe(expected);
    }),
  );
});

test('an element taken out of its document brings its namespaces along', () => {
  const root = readXml(
    '<a xmlns="urn:a" xmlns:x="urn:x" xmlns:unused="urn:u"><x:b x:c="1" d="2"><e>&lt;<!-- no --></e><f xmlns=""/></x:b></a>',
    LIMITS,
  );
  expect(writeElement(elementsOf(root)[0]!)).toBe(
    '<x:b xmlns:x="urn:x" x:c="1" d="2"><e xmlns="urn:a">&lt;</e><f/></x:b>',
  );
});

test('an element that would be too long is not written', () => {
  const root = readXml(`<x:a xmlns:x="urn:${'x'.repeat(300)}">${'<b x:c="1"/>'.repeat(99)}</x:a>`, LIMITS);
  expect(writeElement(root, 1_000)).toBeUndefined();
  expect(writeElement(root, 2_000)).toHaveLength(writeElement(root)!.length);
});
