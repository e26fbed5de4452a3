import { expect, test } from 'vitest';
import { deleteNode, getNode, type NodeChange, putNode } from './node.ts';
import { readNodeSelector } from './node-selector.ts';
import { formatXcapError } from './xcap-error.ts';

const LISTS = 'urn:ietf:params:xml:ns:resource-lists';
const DOCUMENT = `<?xml version="1.0"?>
<resource-lists xmlns="${LISTS}" xmlns:rc="urn:rollcall:contact">
  <list name="friends">
    <entry uri="sip:bob@example.org"><display-name>Bob &amp; Co</display-name></entry>
    <entry uri='sip:carol@example.org'/>
  </list>
  <list name="empty"/>
  <list name="none"></list>
</resource-lists>
`;
const FRIENDS = '/resource-lists/list[@name="friends"]';

function selectorOf(path: string, query?: string) {
  const selector = readNodeSelector(encodeURI(path), query, LISTS);
  if (selector === undefined) throw new Error(`${path} is no selector`);
  return selector;
}

function get(path: string, document = DOCUMENT): string | undefined {
  return getNode(document, selectorOf(path))?.text;
}

function put(path: string, content: string | Buffer, document = DOCUMENT): NodeChange {
  return putNode(document, selectorOf(path), Buffer.from(content));
}

function documentOf(change: NodeChange): string {
  if (!('document' in change)) throw new Error(JSON.stringify(change));
  return change.document;
}

function conditionOf(change: NodeChange): string {
  return change.outcome === 'conflict' ? change.error.condition : change.outcome;
}

test('elements are told as they are written', () => {
  expect(get(`${FRIENDS}/entry[1]`)).toBe(
    '<entry uri="sip:bob@example.org"><display-name>Bob &amp; Co</display-name></entry>',
  );
  expect(get(`${FRIENDS}/entry[@uri="sip:carol@example.org"]`)).toBe("<entry uri='sip:carol@example.org'/>");
  expect(get(`${FRIENDS}/entry[2][@uri="sip:carol@example.org"]`)).toBe("<entry uri='sip:carol@example.org'/>");
  expect(get('/*/*[2]')).toBe('<list name="empty"/>');
  expect(getNode(DOCUMENT, selectorOf('/resource-lists'))).toMatchObject({ contentType: 'application/xcap-el+xml' });
});

test('attributes and namespaces', () => {
  expect(getNode(DOCUMENT, selectorOf(`${FRIENDS}/entry[2]/@uri`))).toEqual({
    contentType: 'application/xcap-att+xml',
    text: 'sip:carol@example.org',
  });
  expect(getNode(DOCUMENT, selectorOf(`${FRIENDS}/namespace::*`))).toEqual({
    contentType: 'application/xcap-ns+xml',
    text: `<list xmlns="${LISTS}" xmlns:rc="urn:rollcall:contact"/>`,
  });
});

test.each([
  `${FRIENDS}/entry`,
  `${FRIENDS}/entry[3]`,
  `${FRIENDS}/entry[1][@uri="sip:carol@example.org"]`,
  `${FRIENDS}/entry[1]/@name`,
  '/resource-lists/list[@name="family"]',
  '/resource-lists/list/entry[1]',
  '/lists',
])('%s is nothing, or not one thing', (path) => {
  expect(get(path)).toBeUndefined();
  expect(deleteNode(DOCUMENT, selectorOf(path))).toEqual({ outcome: 'not_found' });
});

test.each([
  [
    'a new entry goes behind the others',
    `${FRIENDS}/entry[@uri="sip:dave@example.org"]`,
    '<entry uri="sip:dave@example.org"/>',
    3,
  ],
  [
    'with a position it goes there',
    `${FRIENDS}/entry[1][@uri="sip:dave@example.org"]`,
    '<entry uri="sip:dave@example.org"/>',
    1,
  ],
  ['or behind the last', `${FRIENDS}/entry[3]`, '<entry uri="sip:dave@example.org"/>', 3],
])('%s', (_name, path, entry, position) => {
  const change = put(path, entry);
  expect(change.outcome).toBe('created');
  expect(get(`${FRIENDS}/entry[${position}]`, documentOf(change))).toBe(entry);
  // The same request again replaces it.
  expect(put(path, entry, documentOf(change))).toEqual({ outcome: 'replaced', document: documentOf(change) });
});

test.each(['empty', 'none'])('the first entry of the list %s', (name) => {
  const path = `/resource-lists/list[@name="${name}"]/entry[@uri="sip:a@b"]`;
  const after = documentOf(put(path, '<entry uri="sip:a@b"/>'));
  expect(get(path, after)).toBe('<entry uri="sip:a@b"/>');
  expect(get(`/resource-lists/list[@name="${name}"]`, after)).toBe(
    `<list name="${name}"><entry uri="sip:a@b"/></list>`,
  );
});

test('a whole list is replaced, and so is the root', () => {
  const after = documentOf(
    put(FRIENDS, '\n<list name="friends" xmlns:x="urn:x"><entry uri="sip:x@y" x:a="1"/></list> \n'),
  );
  expect(get(FRIENDS, after)).toBe('<list name="friends" xmlns:x="urn:x"><entry uri="sip:x@y" x:a="1"/></list>');
  expect(put('/resource-lists', `<resource-lists xmlns="${LISTS}"/>`)).toEqual({
    outcome: 'replaced',
    document: `<?xml version="1.0"?>\n<resource-lists xmlns="${LISTS}"/>\n`,
  });
});

test('what is put uses the prefixes of the document', () => {
  const path = `${FRIENDS}/entry[1]`;
  expect(put(path, '<entry uri="sip:b@c"><rc:note>x</rc:note></entry>').outcome).toBe('replaced');
  expect(conditionOf(put(path, '<entry uri="sip:b@c"><zz:note>x</zz:note></entry>'))).toBe('not-xml-frag');
});

test.each([
  ['another name', `${FRIENDS}/entry[1]`, '<list/>', 'cannot-insert'],
  ['another namespace', `${FRIENDS}/entry[1]`, '<entry xmlns="urn:x" uri="sip:a@b"/>', 'cannot-insert'],
  [
    'another attribute',
    `${FRIENDS}/entry[@uri="sip:dave@example.org"]`,
    '<entry uri="sip:eve@example.org"/>',
    'cannot-insert',
  ],
  ['a position too far', `${FRIENDS}/entry[4]`, '<entry uri="sip:a@b"/>', 'cannot-insert'],
  ['a name that is there twice', `${FRIENDS}/entry`, '<entry uri="sip:a@b"/>', 'cannot-insert'],
  ['two elements', `${FRIENDS}/entry[1]`, '<entry uri="sip:a@b"/><entry uri="sip:b@c"/>', 'not-xml-frag'],
  ['an end that ends more', `${FRIENDS}/entry[1]`, '<entry uri="sip:a@b"/></list><list><entry/>', 'not-xml-frag'],
  ['text', `${FRIENDS}/entry[1]`, 'entry', 'not-xml-frag'],
  ['nothing', `${FRIENDS}/entry[1]`, '', 'not-xml-frag'],
  ['a document', `${FRIENDS}/entry[1]`, '<?xml version="1.0"?><entry uri="sip:a@b"/>', 'not-xml-frag'],
  ['a bomb', `${FRIENDS}/entry[1]`, '<!DOCTYPE a [<!ENTITY b "b">]><entry uri="&b;"/>', 'not-xml-frag'],
  ['bytes', `${FRIENDS}/entry[1]`, Buffer.from([0xff, 0xfe]), 'not-utf-8'],
  ['no parent', '/resource-lists/list[@name="x"]/entry[1]', '<entry/>', 'no-parent'],
])('%s cannot be put', (_name, path, content, condition) => {
  expect(conditionOf(put(path, content))).toBe(condition);
});

test('no-parent names the closest ancestor that is there', () => {
  const change = put(`${FRIENDS}/list[@name="a"]/entry[1]`, '<entry/>');
  expect(change).toMatchObject({
    error: { condition: 'no-parent', ancestor: '/resource-lists/list%5B@name=%22friends%22%5D' },
  });
  expect(put('/lists/list', '<list/>')).toMatchObject({ error: { condition: 'no-parent', ancestor: '' } });
  expect(formatXcapError({ condition: 'no-parent', phrase: 'a "b"', ancestor: 'https://x/~~/a&b' })).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<xcap-error xmlns="urn:ietf:params:xml:ns:xcap-error"><no-parent phrase="a &quot;b&quot;"><ancestor>https://x/~~/a&amp;b</ancestor></no-parent></xcap-error>\n',
  );
});

test('attributes are put and removed', () => {
  const path = `${FRIENDS}/entry[2]/@uri`;
  const replaced = put(path, 'sip:a&amp;"b\'@c');
  expect(replaced.outcome).toBe('replaced');
  expect(get(path, documentOf(replaced))).toBe("sip:a&amp;&quot;b'@c");
  const created = put(`${FRIENDS}/entry[2]/@x`, '1');
  expect(created.outcome).toBe('created');
  expect(get(`${FRIENDS}/entry[2]`, documentOf(created))).toBe("<entry x='1' uri='sip:carol@example.org'/>");
  const removed = deleteNode(documentOf(created), selectorOf(`${FRIENDS}/entry[2]/@x`));
  expect(removed).toEqual({ outcome: 'deleted', document: DOCUMENT });
});

test('an attribute in a namespace takes the prefix that the document has', () => {
  const selector = readNodeSelector('/*/*[1]/@z:kind', 'xmlns(z=urn:rollcall:contact)', LISTS)!;
  const change = putNode(DOCUMENT, selector, Buffer.from('x'));
  expect(documentOf(change)).toContain("<list rc:kind='x' name=");
  const unknown = readNodeSelector('/*/*[1]/@z:kind', 'xmlns(z=urn:other)', LISTS)!;
  expect(conditionOf(putNode(DOCUMENT, unknown, Buffer.from('x')))).toBe('cannot-insert');
});

test.each([
  ['the attribute that selects', `${FRIENDS}/@name`, 'family', 'cannot-insert'],
  ['a namespace', `${FRIENDS}/@xmlns`, 'urn:x', 'cannot-insert'],
  ['a tag', `${FRIENDS}/@x`, '<a>', 'not-xml-att-value'],
  ['an unknown reference', `${FRIENDS}/@x`, '&y;', 'not-xml-att-value'],
  ['a control character', `${FRIENDS}/@x`, '\u0001', 'not-xml-att-value'],
])('%s is no attribute value to put', (_name, path, content, condition) => {
  expect(conditionOf(put(path, content))).toBe(condition);
});

test('an attribute value ends no attribute', () => {
  const after = documentOf(put(`${FRIENDS}/@x`, `' y="1" z='2`));
  expect(get(`${FRIENDS}/@y`, after)).toBeUndefined();
  expect(get(`${FRIENDS}/@x`, after)).toBe(`' y=&quot;1&quot; z='2`);
});

test('an element is removed, but not when another would take its name', () => {
  const after = documentOf(deleteNode(DOCUMENT, selectorOf(`${FRIENDS}/entry[@uri="sip:bob@example.org"]`)));
  expect(get(`${FRIENDS}/entry[1]`, after)).toBe("<entry uri='sip:carol@example.org'/>");
  expect(conditionOf(deleteNode(DOCUMENT, selectorOf(`${FRIENDS}/entry[1]`)))).toBe('cannot-delete');
  expect(deleteNode(DOCUMENT, selectorOf(`${FRIENDS}/entry[2]`)).outcome).toBe('deleted');
  expect(conditionOf(deleteNode(DOCUMENT, selectorOf('/resource-lists')))).toBe('cannot-delete');
});

test('a document that is too large is told and changed as a whole only', () => {
  const large = `<resource-lists xmlns="${LISTS}">${' '.repeat(2_000_000)}</resource-lists>`;
  expect(() => get('/*', large)).toThrow(expect.objectContaining({ name: 'DocumentError', fault: 'too-large' }));
  expect(conditionOf(put('/*', '<a/>', large))).toBe('constraint-failure');
  expect(conditionOf(deleteNode(large, selectorOf('/*')))).toBe('constraint-failure');
});
