import fc from 'fast-check';
import { expect, test } from 'vitest';
import { childOf, childrenOf, textOf } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { formatPidf } from './format-pidf.ts';
import { DATA_MODEL, PIDF, ROLLCALL_PRESENCE } from './namespaces.ts';
import type { PresenceState } from './presence-state.ts';
import { readPidf } from './read-pidf.ts';

const ENTITY = { entity: 'sip:alice@example.org' };

function format(state: PresenceState): string {
  return formatPidf(state, ENTITY);
}

test('an available user is open at the own address', () => {
  expect(format({ availability: 3000 })).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ' +
      'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:alice@example.org"><tuple id="rollcall-user"><status><basic>open</basic></status>' +
      '<contact>sip:alice@example.org</contact></tuple><availability xmlns="urn:rollcall:presence">3000</availability></presence>\n',
  );
});

test.each([
  [4500, '<rpid:user-input last-input="2026-11-22T09:00:00.000Z">idle</rpid:user-input>', { idle: true }],
  [6000, '<rpid:busy/>', { stated: 'busy' }],
  [7500, '<rpid:busy/>', { stated: 'busy', idle: true }],
  [9000, '<rpid:busy/>', { stated: 'do-not-disturb' }],
  [12000, '<rpid:away/>', { stated: 'be-right-back' }],
  [15000, '<rpid:away/>', { stated: 'away' }],
])('%d is open, and clients of RPID understand it', (availability, part, expected) => {
  const document = format({ availability, idleSince: '2026-11-22T09:00:00.000Z' });
  expect(document).toContain('<basic>open</basic>');
  expect(document).toContain(part);
  expect(document).toContain(`>${availability}</availability>`);
  expect(readPidf(Buffer.from(document))).toMatchObject({ open: true, ...expected });
});

test('who is offline is closed, and of the rest nothing but note and person is shown', () => {
  const document = format({ availability: 18_000, note: 'gone home', person: { displayName: 'Alice' } });
  expect(document).not.toContain('open');
  expect(document).not.toContain('<contact');
  expect(readPidf(Buffer.from(document))).toEqual({ open: false, note: 'gone home', person: { displayName: 'Alice' } });
});

test('elements stand in the order of their schema (RFC 3863 §4.4)', () => {
  const document = format({ availability: 6000, note: 'n', calendar: 'c', phone: 'tel:+49', services: [{ id: 's' }] });
  const order = [...readXml(document, { bytes: 10_000, elements: 100 }).children].map((child) =>
    typeof child === 'string' ? child : child.local,
  );
  expect(order).toEqual(['tuple', 'tuple', 'note', 'person', 'calendar', 'availability']);
});

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 50 })
  .map((one) => one.trim().replace(/\s+/g, ' ') || 'x');
const states: fc.Arbitrary<PresenceState> = fc.record(
  {
    availability: fc.constantFrom(3000, 4500, 6000, 7500, 9000, 12_000, 15_000),
    activity: fc.constantFrom('on-the-phone', 'meeting', 'painting the house', '<&">'),
    note: text,
    calendar: text,
    phone: fc.constantFrom('tel:+4989123', 'tel:110;phone-context=+49'),
    location: text,
    services: fc.uniqueArray(
      fc.record(
        {
          id: fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/),
          contact: fc.constantFrom('sip:a@b', 'sips:a@b;gr=1&2'),
          priority: fc.constantFrom(0, 0.5, 1),
          xml: fc.constant('<a xmlns="urn:a"><b/></a>'),
        },
        { requiredKeys: ['id', 'contact'] },
      ),
      { minLength: 1, maxLength: 8, selector: ({ id }) => id },
    ),
    person: fc.record({ displayName: text, card: text }),
  },
  { requiredKeys: ['availability'] },
);

test('what is written is read back', () => {
  fc.assert(
    fc.property(states, (state) => {
      const { availability: _, ...fields } = state;
      const read = readPidf(Buffer.from(format(state)));
      expect(read).toMatchObject({ ...fields, open: true });
      expect(format(state)).toBe(format(structuredClone(state)));
    }),
  );
});

test('no text can leave its place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (hostile) => {
      const document = format({
        availability: 3000,
        activity: `x${hostile}`,
        note: hostile,
        location: hostile,
        idleSince: hostile,
        person: { displayName: hostile },
        services: [{ id: hostile, contact: hostile }],
      });
      const root = readXml(document, { bytes: 25_000, elements: 100 });
      expect(root.children.length).toBe(4);
      expect(childrenOf(root, PIDF, 'tuple')).toHaveLength(1);
      expect(textOf(childOf(root, ROLLCALL_PRESENCE, 'availability')!)).toBe('3000');
      expect(childrenOf(root, DATA_MODEL, 'person')).toHaveLength(1);
    }),
  );
});
