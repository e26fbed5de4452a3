import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attributeOf, childrenOf } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { formatPresRules } from './format-pres-rules.ts';
import { COMMON_POLICY_NAMESPACE, LEVELS, type PresenceRule } from './presence-rule.ts';
import { readPresRules } from './read-pres-rules.ts';

const ROOT =
  'ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules" xmlns:ra="urn:rollcall:access"';

function read(rules: string): PresenceRule[] {
  return readPresRules(Buffer.from(`<${ROOT}>${rules}</ruleset>`));
}

function rule(identity: string, actions: string, transformations = '', id = 'a'): string {
  return `<rule id="${id}"><conditions><identity>${identity}</identity></conditions><actions>${actions}</actions><transformations>${transformations}</transformations></rule>`;
}

const BOB = '<one id="sip:bob@example.org"/>';
const ALLOW = '<pr:sub-handling>allow</pr:sub-handling>';

test.each([
  ['block', '', 'blocked'],
  ['polite-block', '', 'blocked'],
  ['confirm', '', 'blocked'],
  ['allow', '', 'public'],
  ['allow', '<pr:provide-note>false</pr:provide-note>', 'public'],
  ['allow', '<pr:provide-note>true</pr:provide-note>', 'company'],
  ['allow', '<pr:provide-persons><pr:all-persons/></pr:provide-persons>', 'company'],
  [
    'allow',
    '<pr:provide-services><pr:all-services/></pr:provide-services><pr:provide-persons><pr:all-persons/></pr:provide-persons>',
    'team',
  ],
  ['allow', '<pr:provide-all-attributes/>', 'personal'],
])('a client of RFC 5025 that says %s with %s means %s', (handling, transformations, level) => {
  expect(read(rule(BOB, `<pr:sub-handling>${handling}</pr:sub-handling>`, transformations))).toEqual([
    { scope: 'user', subject: 'bob@example.org', level },
  ]);
});

test('our own elements say it exactly', () => {
  expect(read(rule(BOB, `${ALLOW}<ra:level>team</ra:level><ra:communication>deny</ra:communication>`))).toEqual([
    { scope: 'user', subject: 'bob@example.org', level: 'team', communication: 'deny' },
  ]);
});

test('one rule for several is several rules; no condition is everyone', () => {
  expect(
    read(
      rule(`${BOB}<many domain="Example.COM"/><many/>`, ALLOW) +
        `<rule id="b"><actions><ra:communication>allow</ra:communication></actions></rule>`,
    ),
  ).toEqual([
    { scope: 'user', subject: 'bob@example.org', level: 'public' },
    { scope: 'domain', subject: 'example.com', level: 'public' },
    { scope: 'everyone', subject: '', level: 'public', communication: 'allow' },
  ]);
});

test('of two rules for the same one the one that permits more counts (RFC 4745 §10.2)', () => {
  const deny = '<ra:level>team</ra:level><ra:communication>deny</ra:communication>';
  const allow = '<ra:level>public</ra:level><ra:communication>allow</ra:communication>';
  for (const [first, second] of [
    [deny, allow],
    [allow, deny],
  ]) {
    expect(read(rule(BOB, first!, '', 'a') + rule(BOB, second!, '', 'b'))).toEqual([
      { scope: 'user', subject: 'bob@example.org', level: 'team', communication: 'allow' },
    ]);
  }
});

const rules = fc.uniqueArray(
  fc
    .tuple(
      fc.oneof(
        fc.record({ scope: fc.constant('everyone' as const), subject: fc.constant('') }),
        fc.record({ scope: fc.constant('domain' as const), subject: fc.domain().map((one) => one.toLowerCase()) }),
        fc.record({
          scope: fc.constant('user' as const),
          subject: fc
            .tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }), fc.domain())
            .filter(([user]) => !/[\x00-\x1f\x7f]/.test(user))
            .map(([user, domain]) => `${user}@${domain.toLowerCase()}`),
        }),
      ),
      fc.oneof(
        fc.record({ level: fc.constantFrom(...LEVELS), communication: fc.constantFrom('allow', 'deny') }),
        fc.record({ level: fc.constantFrom(...LEVELS) }),
        fc.record({ communication: fc.constantFrom('allow', 'deny') }),
      ),
    )
    .map(([subject, said]) => ({ ...subject, ...said }) as PresenceRule),
  { maxLength: 10, selector: ({ scope, subject }) => `${scope} ${subject}` },
);

test('what is written is read back, under ids that stay', () => {
  fc.assert(
    fc.property(rules, (some) => {
      const document = formatPresRules(some);
      expect(readPresRules(document)).toEqual(some);
      const ids = (text: string) =>
        childrenOf(readXml(text, { bytes: 100_000, elements: 1_000 }), COMMON_POLICY_NAMESPACE, 'rule').map((one) =>
          attributeOf(one, 'id'),
        );
      expect(new Set(ids(document)).size).toBe(some.length);
      expect(ids(formatPresRules(some.toReversed()))).toEqual(ids(document).toReversed());
    }),
  );
});

test('a client that drops what it does not know leaves the levels as they are', () => {
  const some = LEVELS.map((level) => ({ scope: 'user' as const, subject: `${level}@example.org`, level }));
  const standard = formatPresRules(some).replaceAll(/<ra:level>\w+<\/ra:level>/g, '');
  expect(readPresRules(standard)).toEqual(some);
});

test.each([
  ['a wrong namespace', '<ruleset xmlns="urn:ietf:params:xml:ns:pres-rules"/>', 'schema-validation-error'],
  ['no id', `<${ROOT}><rule/></ruleset>`, 'schema-validation-error'],
  ['an id twice', `<${ROOT}>${rule(BOB, ALLOW)}${rule('<many/>', ALLOW)}</ruleset>`, 'schema-validation-error'],
  [
    'a handling of its own',
    `<${ROOT}>${rule(BOB, '<pr:sub-handling>laugh</pr:sub-handling>')}</ruleset>`,
    'schema-validation-error',
  ],
  ['a level of its own', `<${ROOT}>${rule(BOB, '<ra:level>boss</ra:level>')}</ruleset>`, 'schema-validation-error'],
  ['a rule that says nothing', `<${ROOT}>${rule(BOB, '')}</ruleset>`, 'constraint-failure'],
  [
    'a time',
    `<${ROOT}><rule id="a"><conditions><identity>${BOB}</identity><validity><from>x</from></validity></conditions><actions>${ALLOW}</actions></rule></ruleset>`,
    'constraint-failure',
  ],
  [
    'a sphere',
    `<${ROOT}><rule id="a"><conditions><sphere value="work"/></conditions><actions>${ALLOW}</actions></rule></ruleset>`,
    'constraint-failure',
  ],
  ['an exception', `<${ROOT}>${rule('<many><except domain="x"/></many>', ALLOW)}</ruleset>`, 'constraint-failure'],
  [
    'somebody without SIP',
    `<${ROOT}>${rule('<one id="mailto:bob@example.org"/>', ALLOW)}</ruleset>`,
    'constraint-failure',
  ],
  ['a domain that is none', `<${ROOT}>${rule('<many domain="a b"/>', ALLOW)}</ruleset>`, 'constraint-failure'],
])('%s is refused', (_name, document, fault) => {
  expect(() => readPresRules(Buffer.from(document))).toThrow(expect.objectContaining({ name: 'DocumentError', fault }));
});

test('10,000 rules are written and read, 10,001 are refused', () => {
  const many = Array.from({ length: 10_001 }, (_, n) => ({
    ...{
      scope: 'user' as const,
      subject: `user${n}@example.org`,
      level: 'personal' as const,
      communication: 'allow' as const,
    },
  }));
  expect(readPresRules(formatPresRules(many.slice(1)))).toHaveLength(10_000);
  expect(() => readPresRules(formatPresRules(many))).toThrow(expect.objectContaining({ fault: 'constraint-failure' }));
  // In one rule, as it fits into a request of 1 MB.
  const ones = many.map(({ subject }) => `<one id="sip:${subject}"/>`).join('');
  expect(() => read(rule(ones, ALLOW))).toThrow(expect.objectContaining({ fault: 'constraint-failure' }));
});
