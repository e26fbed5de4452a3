import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ContactDocument } from './contact-document.ts';
import { formatResourceLists } from './format-resource-lists.ts';
import { orderOf } from './order-of-lists.ts';
import { readResourceLists } from './read-resource-lists.ts';

const ROOT = 'resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"';

function read(lists: string): ContactDocument {
  return readResourceLists(Buffer.from(`<${ROOT}>${lists}</resource-lists>`));
}

test('lists are groups, entries are contacts', () => {
  expect(
    read(`<list name="friends"><display-name>Friends</display-name>
      <entry uri="sip:bob@example.org"><display-name xml:lang="en">Bob &amp; Co</display-name></entry>
      <entry uri="sip:carol@example.org"/></list>
      <list name="empty"/>
      <list name="work"><entry uri="sip:bob@example.org"><display-name>Robert</display-name>
        <n:note xmlns:n="urn:rollcall:contact">from Berlin</n:note></entry></list>
      <list><entry uri="sip:a%40b%C3%A4@example.org"/></list>
      <other xmlns="urn:example"/>`),
  ).toEqual({
    groups: [{ name: 'friends' }, { name: 'empty' }, { name: 'work' }],
    contacts: [
      { address: 'bob@example.org', displayName: 'Bob & Co', note: 'from Berlin', groups: ['friends', 'work'] },
      { address: 'carol@example.org', groups: ['friends'] },
      { address: 'a@bä@example.org', groups: [] },
    ],
  });
});

test('a contact list without anything is a document without lists', () => {
  expect(read('')).toEqual({ groups: [], contacts: [] });
  expect(readResourceLists(formatResourceLists({ groups: [], contacts: [] }))).toEqual({ groups: [], contacts: [] });
});

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((one) => one.trim() !== '' && !/[\x00-\x1f]/.test(one));
const groupNames = fc.uniqueArray(text, { maxLength: 6 });
const documents: fc.Arbitrary<ContactDocument> = groupNames.chain((names) =>
  fc.record({
    groups: fc.constant(names.map((name) => ({ name }))),
    contacts: fc.uniqueArray(
      fc.record(
        {
          address: fc
            .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }), fc.domain())
            .filter(([user]) => !/[\x00-\x1f\x7f]/.test(user))
            .map(([user, domain]) => `${user}@${domain.toLowerCase()}`),
          displayName: text,
          note: text,
          groups: fc.subarray(names),
        },
        { requiredKeys: ['address', 'groups'] },
      ),
      { maxLength: 15, selector: ({ address }) => address },
    ),
  }),
);

test('what is written is read back: all of it, and each list in its order', () => {
  fc.assert(
    fc.property(documents, (document) => {
      const written = formatResourceLists(document);
      const back = readResourceLists(Buffer.from(written));
      expect(back.groups).toEqual(document.groups);
      const byAddress = (one: ContactDocument) => [...one.contacts].sort((a, b) => (a.address < b.address ? -1 : 1));
      expect(byAddress(back)).toEqual(byAddress(document));
      // Writing it again changes nothing, however often it goes round.
      expect(formatResourceLists(back)).toBe(written);
    }),
  );
});

test('one order of several lists', () => {
  expect(orderOf([['x'], ['y'], ['y', 'x']])).toEqual(['y', 'x']);
  expect(orderOf([['c'], ['a', 'c'], ['a', 'b', 'c']])).toEqual(['a', 'b', 'c']);
  // They contradict each other: nothing is lost.
  expect(orderOf([['a', 'b'], ['b', 'a'], ['c']]).sort()).toEqual(['a', 'b', 'c']);
});

test.each([
  ['a wrong root', '<lists xmlns="urn:ietf:params:xml:ns:resource-lists"/>', 'schema-validation-error'],
  ['a wrong namespace', '<resource-lists xmlns="urn:example"/>', 'schema-validation-error'],
  ['an entry outside of a list', `<${ROOT}><entry uri="sip:a@b"/></resource-lists>`, 'schema-validation-error'],
  ['an entry without uri', `<${ROOT}><list><entry/></list></resource-lists>`, 'schema-validation-error'],
  ['a name twice', `<${ROOT}><list name="a"/><list name="a"/></resource-lists>`, 'schema-validation-error'],
  [
    'an entry twice',
    `<${ROOT}><list><entry uri="sip:a@b"/><entry uri="sip:a@b"/></list></resource-lists>`,
    'schema-validation-error',
  ],
  ['a list in a list', `<${ROOT}><list name="a"><list name="b"/></list></resource-lists>`, 'constraint-failure'],
  [
    'a list of itself',
    `<${ROOT}><list name="a"><external anchor="https://x/resource-lists/users/sip:a@b/index/~~/resource-lists/list%5b1%5d"/></list></resource-lists>`,
    'constraint-failure',
  ],
  [
    'a reference',
    `<${ROOT}><list><entry-ref ref="resource-lists/users/sip:a@b/index"/></list></resource-lists>`,
    'constraint-failure',
  ],
  ['an empty name', `<${ROOT}><list name=" "/></resource-lists>`, 'constraint-failure'],
  ['a long name', `<${ROOT}><list name="${'ä'.repeat(128)}"/></resource-lists>`, 'constraint-failure'],
  [
    '65 lists',
    `<${ROOT}>${Array.from({ length: 66 }, (_, n) => `<list name="${n}"/>`).join('')}</resource-lists>`,
    'constraint-failure',
  ],
  [
    '1,001 contacts',
    `<${ROOT}><list>${Array.from({ length: 1_001 }, (_, n) => `<entry uri="sip:${n}@b"/>`).join('')}</list></resource-lists>`,
    'constraint-failure',
  ],
  ['more than 1 MB', `<${ROOT}>${' '.repeat(1_100_000)}</resource-lists>`, 'too-large'],
])('%s is refused', (_name, document, fault) => {
  expect(() => readResourceLists(Buffer.from(document))).toThrow(
    expect.objectContaining({ name: 'DocumentError', fault }),
  );
});

test.each([
  'sip:bob',
  'sip:@example.org',
  'sip:bob@',
  'tel:+49',
  'sips:bob@example.org',
  'sip:bob@example.org;user=phone',
  'sip:bob@example.org?x=y',
  'sip:bob@EXAMPLE.org',
  'SIP:bob@example.org',
  'sip:%62ob@example.org',
  'sip:b%00b@example.org',
  'sip:b%ffb@example.org',
  'sip:b%@example.org',
  ' sip:bob@example.org',
  `sip:${'b'.repeat(500)}@example.org`,
])('the URI %s is refused, since it would not be found under its name', (uri) => {
  expect(() => read(`<list><entry uri="${uri}"/></list>`)).toThrow(
    expect.objectContaining({ fault: 'constraint-failure' }),
  );
});

test('1,000 contacts in 64 groups are within the limits', () => {
  const groups = Array.from({ length: 64 }, (_, n) => ({ name: `group ${n}` }));
  const contacts = Array.from({ length: 1_000 }, (_, n) => ({
    ...{ address: `user${999 - n}@example.org`, displayName: `User ${n}`, note: 'n'.repeat(100) },
    groups: [groups[n % 64]!.name, groups[(n * 7 + 1) % 64]!.name].filter((name, at, all) => all.indexOf(name) === at),
  }));
  const written = formatResourceLists({ groups, contacts });
  expect(formatResourceLists(readResourceLists(written))).toBe(written);
});
