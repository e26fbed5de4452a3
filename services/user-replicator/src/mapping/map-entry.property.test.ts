import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapEntry } from './map-entry.ts';
import { attributesOf, makeMapping } from './mapping.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const KINDS = ['active-directory', 'openldap'] as const;

const value = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'grapheme', maxLength: 300 }).map((text) => Buffer.from(text)),
  fc
    .constantFrom('sip:a@x.org', 'SIP:b@x.org', 'smtp:a@x', 'c@x.org', 'TRUE', '514', '20260101000000Z')
    .map((text) => Buffer.from(text)),
);

/** Entries with any bytes in the attributes that are looked at. */
const entry = fc.constantFrom(...KINDS).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    dn: fc.string({ unit: 'binary' }),
    attributes: fc.dictionary(fc.constantFrom(...attributesOf(makeMapping(kind))), fc.array(value, { maxLength: 20 })),
  }),
);

function map({ kind, dn, attributes }: { kind: string; dn: string; attributes: Record<string, Buffer[]> }) {
  const lower = new Map(Object.entries(attributes).map(([name, values]) => [name.toLowerCase(), values]));
  return mapEntry({ id: 'id', dn, groups: [], attributes: lower }, makeMapping(kind), NOW);
}

test('whatever a directory sends gives what the back end can store, or a reason', () => {
  fc.assert(
    fc.property(entry, (given) => {
      const mapped = map(given);
      // PostgreSQL stores no U+0000, and half a pair of surrogates is no UTF-8.
      const text = JSON.stringify(mapped);
      expect(text).not.toContain('\\u0000');
      expect(text.isWellFormed()).toBe(true);
      if (mapped.outcome === 'skipped') return;
      const { user, domain, phones, displayName = '', photoHash = '' } = mapped.person;
      expect(user).toMatch(/^[^\p{Cc}\p{Zs}@]+$/u);
      expect(user).toBe(user.toLowerCase());
      expect(domain).toMatch(/^[a-z0-9.:[\]-]+$/);
      expect(Math.max(Buffer.byteLength(user), domain.length)).toBeLessThanOrEqual(255);
      expect([...displayName].length).toBeLessThanOrEqual(256);
      expect(phones.length).toBeLessThanOrEqual(16);
      expect(photoHash).toMatch(/^([0-9a-f]{64})?$/);
    }),
    { numRuns: 200 },
  );
});

test('the order of values does not change whose address it is, nor whether it is enabled', () => {
  const identity = (given: Parameters<typeof map>[0]) => {
    const mapped = map(given);
    if (mapped.outcome === 'skipped') return mapped.reason;
    const { user, domain, enabled, hidden, photoHash, phones } = mapped.person;
    return { user, domain, enabled, hidden, photoHash, phones };
  };
  fc.assert(
    fc.property(entry, (given) => {
      const reversed = Object.fromEntries(
        Object.entries(given.attributes).map(([name, values]) => [name, values.toReversed()]),
      );
      expect(identity({ ...given, attributes: reversed })).toEqual(identity(given));
    }),
    { numRuns: 200 },
  );
});
