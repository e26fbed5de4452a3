import { expect, test } from 'vitest';
import type { DocumentError } from './document-error.ts';
import { attributeOf, elementsOf, textOf } from './element.ts';
import { readXml } from './read-xml.ts';

const LIMITS = { bytes: 25_000, elements: 100 };

function faultOf(body: Buffer | string, limits = LIMITS): string {
  try {
    readXml(body, limits);
  } catch (error) {
    expect(error).toHaveProperty('name', 'DocumentError');
    return (error as DocumentError).fault;
  }
  return 'accepted';
}

test('an element knows its namespace, its attributes and its place in the text', () => {
  const text = '<a xmlns="urn:a" xmlns:b="urn:b">\r\n<b:c\r\n  x="1" b:x="&lt;2"\n>é &amp; 💡<d/></b:c ></a>';
  const root = readXml(Buffer.from(text), LIMITS);
  const [c] = elementsOf(root);
  const [d] = elementsOf(c!);
  expect(root).toMatchObject({ local: 'a', namespace: 'urn:a', declarations: { '': 'urn:a', b: 'urn:b' } });
  expect(c).toMatchObject({ local: 'c', namespace: 'urn:b', prefix: 'b' });
  expect([attributeOf(c!, 'x'), attributeOf(c!, 'x', 'urn:b')]).toEqual(['1', '<2']);
  expect(textOf(c!)).toBe('é & 💡');
  expect(text.slice(root.start, root.end)).toBe(text);
  expect(text.slice(c!.start, c!.end)).toBe('<b:c\r\n  x="1" b:x="&lt;2"\n>é &amp; 💡<d/></b:c >');
  expect(text.slice(c!.contentStart, c!.contentEnd)).toBe('é &amp; 💡<d/>');
  expect(text.slice(d!.start, d!.end)).toBe('<d/>');
  expect(d).toMatchObject({ namespace: 'urn:a' });
});

test('a byte order mark and an XML declaration are no part of the document', () => {
  const text = '\ufeff<?xml version="1.0" encoding="utf-8" standalone="no"?>\n<!-- hello --><a/>\n';
  expect(readXml(Buffer.from(text), LIMITS)).toMatchObject({ local: 'a' });
});

test.each([
  ['a bomb of entities', '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'],
  ['an entity from a file', '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>'],
  ['a document type elsewhere', '<!DOCTYPE a SYSTEM "http://203.0.113.9/a.dtd"><a/>'],
  ['a document type in small letters', '<!doctype a><a/>'],
  ['an unknown entity', '<a>&nbsp;</a>'],
  ['an entity that JavaScript objects have', '<a>&constructor;&__proto__;</a>'],
  ['an unknown prefix', '<b:a/>'],
  ['an unknown prefix of an attribute', '<a b:c="1"/>'],
  ['the same attribute twice', '<a b="1" b="2"/>'],
  ['the same attribute by two prefixes', '<a xmlns:b="urn:x" xmlns:c="urn:x" b:d="1" c:d="2"/>'],
  ['two roots', '<a/><b/>'],
  ['no root', '<!-- nothing -->'],
  ['nothing', ''],
  ['text behind the root', '<a/>text'],
  ['an end that is missing', '<a><b></a>'],
  ['a control character', '<a>\u0001</a>'],
  ['a zero', '<a>\u0000</a>'],
  ['a reference to a control character', '<a>&#1;</a>'],
  ['a reference to a control character in XML 1.1', '<?xml version="1.1"?><a>&#1;</a>'],
  ['a reference to half a character', '<a>&#xD800;</a>'],
  ['< in an attribute', '<a b="<"/>'],
  ['JSON', '{"open": true}'],
])('%s is not well-formed', (_name, text) => {
  expect(faultOf(Buffer.from(text))).toBe('not-well-formed');
});

test('prefixes and names that JavaScript objects have are names like any other', () => {
  const root = readXml(
    '<a xmlns:constructor="urn:c" constructor="1"><constructor:toString hasOwnProperty="2"/></a>',
    LIMITS,
  );
  expect(elementsOf(root)[0]).toMatchObject({ namespace: 'urn:c', local: 'toString' });
  expect(faultOf('<a xmlns:__proto__="urn:p" __proto__="1"><__proto__:b/></a>')).toBe('accepted');
});

test.each([
  ['UTF-16', Buffer.from('\ufeff<a/>', 'utf16le')],
  ['half a character', Buffer.from([0x3c, 0x61, 0x3e, 0xc3, 0x3c, 0x2f, 0x61, 0x3e])],
  ['an overlong slash', Buffer.from([0x3c, 0x61, 0x3e, 0xc0, 0xaf, 0x3c, 0x2f, 0x61, 0x3e])],
  ['a declaration of another encoding', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a/>')],
])('%s is not UTF-8', (_name, body) => {
  expect(faultOf(body)).toBe('not-utf-8');
});

test('what is too large is given up', () => {
  expect(faultOf(Buffer.alloc(1_000_000, '<a>'))).toBe('too-large');
  expect(faultOf(`${'<a>'.repeat(32)}${'</a>'.repeat(32)}`)).toBe('accepted');
  expect(faultOf(`${'<a>'.repeat(33)}${'</a>'.repeat(33)}`)).toBe('too-large');
  expect(faultOf(`<a>${'<b/>'.repeat(99)}</a>`)).toBe('accepted');
  expect(faultOf(`<a>${'<b/>'.repeat(100)}</a>`)).toBe('too-large');
  const attributes = Array.from({ length: 33 }, (_, n) => ` x${n}=""`).join('');
  expect(faultOf(`<a${attributes}/>`)).toBe('too-large');
  expect(faultOf(`<a xmlns="urn:${'x'.repeat(500)}"/>`)).toBe('too-large');
  expect(faultOf(`<a${'x'.repeat(500)}/>`)).toBe('too-large');
});

test('reading stops where it is too much: what follows is not looked at', () => {
  // Were it read on, the missing end tags would be found first.
  expect(faultOf('<a>'.repeat(300_000), { bytes: 1_000_000, elements: 100 })).toBe('too-large');
  // And before it is parsed at all: 1 MB that is not even XML.
  expect(faultOf(Buffer.alloc(1_000_000))).toBe('too-large');
});
