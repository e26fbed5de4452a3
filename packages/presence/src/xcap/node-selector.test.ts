import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNodeSelector } from './node-selector.ts';

const LISTS = 'urn:ietf:params:xml:ns:resource-lists';

function read(selector: string, query?: string) {
  return readNodeSelector(selector, query, LISTS);
}

test('elements by name, position and attribute', () => {
  expect(
    read('/resource-lists/list%5b@name=%22friends%22%5d/entry%5B2%5D%5B@uri=%27sip:a/b@example.org%27%5D'),
  ).toEqual({
    steps: [
      { name: { namespace: LISTS, local: 'resource-lists' }, text: 'resource-lists' },
      {
        name: { namespace: LISTS, local: 'list' },
        attribute: { namespace: '', local: 'name', value: 'friends' },
        text: 'list%5B@name=%22friends%22%5D',
      },
      {
        name: { namespace: LISTS, local: 'entry' },
        position: 2,
        attribute: { namespace: '', local: 'uri', value: 'sip:a/b@example.org' },
        text: 'entry%5B2%5D%5B@uri=%27sip:a/b@example.org%27%5D',
      },
    ],
    terminal: { kind: 'element' },
  });
});

test('attributes, namespaces, any name, references', () => {
  expect(read('/*/list[1]/@name')).toMatchObject({
    steps: [{ text: '*' }, { position: 1 }],
    terminal: { kind: 'attribute', namespace: '', local: 'name' },
  });
  expect(read('/resource-lists/namespace::*')).toMatchObject({ steps: [{}], terminal: { kind: 'namespaces' } });
  expect(read('/list[@name="a&amp;b&#x26;&#38;&quot;"]')).toMatchObject({
    steps: [{ attribute: { value: 'a&b&&"' } }],
  });
});

test('prefixes are those of the query', () => {
  expect(
    read('/cr:ruleset/cr:rule/@x:id', 'xmlns(cr=urn:ietf:params:xml:ns:common-policy)xmlns(x=urn:a^(b^)^^)'),
  ).toMatchObject({
    steps: [{ name: { namespace: 'urn:ietf:params:xml:ns:common-policy', local: 'ruleset' } }, {}],
    terminal: { kind: 'attribute', namespace: 'urn:a(b)^', local: 'id' },
  });
  expect(read('/a', 'xmlns(a=urn:a)%20xmlns(b=urn:b)')).toBeDefined();
});

test.each([
  [''],
  ['/'],
  ['//'],
  ['resource-lists'],
  ['/a//b'],
  ['/a/'],
  ['/@name'],
  ['/namespace::*'],
  ['/@name/a'],
  ['/a/@'],
  ['/a[0]'],
  ['/a[-1]'],
  ['/a[last()]'],
  ['/a[@b]'],
  ['/a[@b="c][@d="e"]'],
  ['/a[@b="c"'],
  ['/a[@b="c"][1]'],
  ['/a[@b="<"]'],
  ['/a[@b="&c;"]'],
  ['/a[@b="&"]'],
  ['/a[@b="&#1114112;"]'],
  ['/x:a'],
  ['/a/@x:b'],
  ['/1a'],
  ['/a|b'],
  ['/a/..'],
  ['/%zz'],
  ['/%ff'],
  [`/a${'/a'.repeat(40)}`],
  [`/${'a'.repeat(5_000)}`],
  ['/a', 'x=y'],
  ['/a', 'xmlns(a)'],
  ['/a', 'xmlns(a=b'],
  ['/a', '%ff'],
  ['/a', Array.from({ length: 30 }, (_, n) => `xmlns(a${n}=b)`).join('')],
] as [string, string?][])('%s with query %s is no selector', (selector, query) => {
  expect(read(selector, query)).toBeUndefined();
});

test('nothing that comes throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (selector, query) => {
      read(`/${selector}`, query);
    }),
  );
});
