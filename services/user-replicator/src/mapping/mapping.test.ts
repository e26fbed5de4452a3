import type { DirectoryEntry } from '@rollcall/directory';
import { expect, test } from 'vitest';
import { mapEntry } from './map-entry.ts';
import { attributesOf, makeMapping, parseMapping } from './mapping.ts';

const NOW = new Date('2026-11-22T12:00:00Z');

function entryOf(attributes: Record<string, string>): DirectoryEntry {
  const values = Object.entries(attributes).map(([name, text]) => [name.toLowerCase(), [Buffer.from(text)]] as const);
  return { id: 'id', dn: 'uid=al,dc=example,dc=org', groups: [], attributes: new Map(values) };
}

test('a file says what is different from the preset', () => {
  const text = JSON.stringify({
    ...{ preset: 'openldap', address: ['{uid}@example.net'], phones: { work: ['extension'] } },
    disabled: [
      { attribute: 'employeeStatus', is: ['left', 'retired'] },
      { attribute: 'endDate', past: true },
    ],
    hidden: [{ attribute: 'secret', present: true }],
  });
  const mapping = makeMapping('active-directory', parseMapping(text, 'mapping.json'));
  const mapped = (attributes: Record<string, string>) => {
    const result = mapEntry(entryOf({ uid: 'al', ...attributes }), mapping, NOW);
    if (result.outcome !== 'person') throw new Error(result.reason);
    return result.person;
  };
  expect(mapped({ extension: '12', mobile: '34' }).phones).toEqual([
    { type: 'work', number: '12' },
    { type: 'mobile', number: '34' },
  ]);
  expect(mapped({ employeeStatus: 'Left' }).enabled).toBe(false);
  expect(mapped({ endDate: '20261122115959Z' }).enabled).toBe(false);
  expect(mapped({ endDate: '20261122120001Z' }).enabled).toBe(true);
  expect(mapped({ secret: 'x' }).hidden).toBe(true);
  expect(attributesOf(mapping)).toEqual(
    expect.arrayContaining(['uid', 'extension', 'employeeStatus', 'endDate', 'secret']),
  );
  expect(attributesOf(mapping)).not.toContain('dn');
});

test('every mistake of a file is told, with its place', () => {
  const text = JSON.stringify({
    adress: ['mail'],
    mail: ['a b'],
    hidden: [{ attribute: 'x' }],
    groups: [{ dn: 'cn=a' }],
  });
  const parse = () => parseMapping(text, 'mapping.json');
  for (const words of [
    'adress',
    'mail.0: must be an attribute',
    'hidden.0: must have one of',
    'groups.0: must have a role',
  ])
    expect(parse).toThrow(words);
  expect(() => parseMapping('{', 'mapping.json')).toThrow('mapping.json is no JSON');
});
