import { createHash } from 'node:crypto';
import type { DirectoryPerson } from '@rollcall/back-end';
import type { DirectoryEntry } from '@rollcall/directory';
import { describe, expect, test } from 'vitest';
import { mapEntry } from './map-entry.ts';
import { groupsOf, type MappingFile, makeMapping } from './mapping.ts';
import type { Mapped } from './person.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const ID = '6f0c1a52-0d6c-4d0e-9b0a-4b1c5d7e8f90';

type Attributes = Record<string, string | string[] | Buffer>;

function entryOf(attributes: Attributes, more: Partial<DirectoryEntry> = {}): DirectoryEntry {
  const map = Object.entries(attributes).map(
    ([name, values]) =>
      [
        name.toLowerCase(),
        Buffer.isBuffer(values) ? [values] : [values].flat().map((text) => Buffer.from(text)),
      ] as const,
  );
  return { id: ID, dn: 'uid=alice,ou=people,dc=example,dc=org', groups: [], ...more, attributes: new Map(map) };
}

function map(kind: string, attributes: Attributes, file: MappingFile = {}, more: Partial<DirectoryEntry> = {}): Mapped {
  return mapEntry(entryOf(attributes, more), makeMapping(kind, file), NOW);
}

function personOf(mapped: Mapped): DirectoryPerson {
  if (mapped.outcome !== 'person') throw new Error(`skipped: ${mapped.reason} ${mapped.detail}`);
  return mapped.person;
}

function addressOf(mapped: Mapped): string {
  return mapped.outcome === 'person' ? `${mapped.person.user} @ ${mapped.person.domain}` : mapped.reason;
}

/** 100 ns since 1601, as Active Directory writes times. */
const fileTime = (date: Date) => String((BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n);

describe('the SIP address in Active Directory', () => {
  test.each<[string, Attributes, string]>([
    [
      'msRTCSIP-PrimaryUserAddress first',
      { 'msRTCSIP-PrimaryUserAddress': 'sip:a@x.org', mail: 'b@x.org' },
      'a @ x.org',
    ],
    [
      'then proxyAddresses with sip:',
      { proxyAddresses: ['SMTP:m@x.org', 'sip:p@x.org'], mail: 'b@x.org' },
      'p @ x.org',
    ],
    ['the primary one of several', { proxyAddresses: ['sip:a@x.org', 'SIP:z@x.org'] }, 'z @ x.org'],
    ['the first in the alphabet of equals', { proxyAddresses: ['sip:b@x.org', 'sip:a@x.org'] }, 'a @ x.org'],
    ['no mail address out of proxyAddresses', { proxyAddresses: ['SMTP:m@x.org', 'x500:/o=a'] }, 'no_address'],
    ['then mail', { mail: 'b@x.org', userPrincipalName: 'u@corp.x.org' }, 'b @ x.org'],
    ['then userPrincipalName', { userPrincipalName: 'u@corp.x.org' }, 'u @ corp.x.org'],
    ['without capitals', { mail: 'Alice.Smith@Example.ORG' }, 'alice.smith @ example.org'],
    ['with what SIP would escape', { mail: "o'brien#1@x.org" }, "o'brien#1 @ x.org"],
    ['escaped in a SIP URI', { 'msRTCSIP-PrimaryUserAddress': 'sip:a%23b@x.org' }, 'a#b @ x.org'],
    ['none', { cn: 'Nobody' }, 'no_address'],
    [
      'a wrong one is not passed over for the next',
      { 'msRTCSIP-PrimaryUserAddress': 'sip:', mail: 'b@x.org' },
      'malformed',
    ],
    ['a port', { 'msRTCSIP-PrimaryUserAddress': 'sip:a@x.org:5061' }, 'malformed'],
    ['a password', { 'msRTCSIP-PrimaryUserAddress': 'sip:a:b@x.org' }, 'malformed'],
    ['a parameter', { 'msRTCSIP-PrimaryUserAddress': 'sip:a@x.org;transport=tcp' }, 'malformed'],
    ['a blank inside', { mail: 'a b@x.org' }, 'malformed'],
    ['U+0000', { mail: 'a\0b@x.org' }, 'malformed'],
    ['no host', { mail: 'alice@' }, 'malformed'],
    ['no user', { mail: '@x.org' }, 'malformed'],
    ['no @', { mail: 'alice' }, 'malformed'],
    ['too long a user', { mail: `${'a'.repeat(256)}@x.org` }, 'malformed'],
    ['too long a domain', { mail: `a@${'b.'.repeat(150)}org` }, 'malformed'],
    ['a domain that is no host name', { mail: 'a@x_y!.org' }, 'malformed'],
    ['no UTF-8', { mail: Buffer.from([0xff, 0xfe, 0x40, 0x78, 0x2e, 0x6f]) }, 'malformed'],
  ])('%s', (_, attributes, expected) => {
    expect(addressOf(map('active-directory', attributes))).toBe(expected);
  });
});

describe('the SIP address in OpenLDAP', () => {
  test.each<[string, Attributes, MappingFile, string]>([
    ['mail', { mail: 'alice@x.org', uid: 'al' }, {}, 'alice @ x.org'],
    ['else uid in the domain of the entry', { uid: 'al' }, {}, 'al @ example.org'],
    ["a template of one's own", { uid: 'al', o: 'X' }, { address: ['{uid}@{o}.example.net'] }, 'al @ x.example.net'],
    ["a domain of one's own", { uid: 'al' }, { domain: 'pool.example' }, 'al @ pool.example'],
    ['a template lacks an attribute', { uid: 'al' }, { address: ['{uid}@{ou}.org'] }, 'no_address'],
    ['the first uid of several, in any order', { uid: ['zoe', 'al'] }, {}, 'al @ example.org'],
  ])('%s', (_, attributes, file, expected) => {
    expect(addressOf(map('openldap', attributes, file))).toBe(expected);
  });
});

describe('enabled', () => {
  const mail = 'alice@example.org';
  test.each<[string, string, Attributes, boolean]>([
    ['an ordinary account', 'active-directory', { userAccountControl: '512' }, true],
    ['ACCOUNTDISABLE', 'active-directory', { userAccountControl: '514' }, false],
    ['not enabled for SIP', 'active-directory', { 'msRTCSIP-UserEnabled': 'FALSE' }, false],
    ['enabled for SIP', 'active-directory', { 'msRTCSIP-UserEnabled': 'TRUE' }, true],
    ['never expires', 'active-directory', { accountExpires: '0' }, true],
    ['never expires, the other way', 'active-directory', { accountExpires: '9223372036854775807' }, true],
    ['expires in a second', 'active-directory', { accountExpires: fileTime(new Date(NOW.getTime() + 1000)) }, true],
    ['has expired this second', 'active-directory', { accountExpires: fileTime(NOW) }, false],
    ['locked by an administrator', 'openldap', { pwdAccountLockedTime: '000001010000Z' }, false],
    ['locked after wrong passwords', 'openldap', { pwdAccountLockedTime: '20261122115900Z' }, true],
    ['nsAccountLock', 'openldap', { nsAccountLock: 'true' }, false],
    ['loginDisabled', 'openldap', { loginDisabled: 'TRUE' }, false],
    ['nothing said', 'openldap', {}, true],
  ])('%s (%s)', (_, kind, attributes, enabled) => {
    expect(personOf(map(kind, { mail, ...attributes })).enabled).toBe(enabled);
  });
});

test.each<[string, Attributes]>([
  ['a computer', { objectClass: ['top', 'person', 'user', 'computer'] }],
  ['a trust', { userAccountControl: '2080' }],
  ['a domain controller', { userAccountControl: '532480' }],
  ['krbtgt and Guest', { isCriticalSystemObject: 'TRUE' }],
])('%s is no account', (_, attributes) => {
  const mapped = map('active-directory', { userPrincipalName: 'host@x.org', ...attributes });
  expect(mapped).toMatchObject({ outcome: 'skipped', reason: 'excluded', id: ID });
});

test('everything that a person has, in Active Directory', () => {
  const changed = new Date('2026-11-01T08:00:00.123Z');
  const person = personOf(
    map('active-directory', {
      ...{ mail: 'Alice@example.org', userPrincipalName: 'alice@corp.example.org', displayName: ' Alice\tSmith ' },
      ...{ givenName: 'Alice', sn: 'Smith', title: 'Engineer', department: 'R&D', company: 'Example' },
      ...{ physicalDeliveryOfficeName: 'B2', manager: 'CN=Bob,DC=example,DC=org', pwdLastSet: fileTime(changed) },
      ...{ telephoneNumber: '+1 555 0100', otherTelephone: ['+1 555 0102', '+1 555 0101'], mobile: '+1 555 0200' },
      ...{ homePhone: '+1 555 0100', ipPhone: '4711', msExchHideFromAddressLists: 'TRUE' },
      thumbnailPhoto: Buffer.from('photo'),
    }),
  );
  expect(person).toEqual({
    ...{ id: ID, dn: 'uid=alice,ou=people,dc=example,dc=org', user: 'alice', domain: 'example.org' },
    ...{ enabled: true, role: 'user', passwordChangedAt: changed, signInName: 'alice@corp.example.org' },
    ...{ displayName: 'Alice Smith', givenName: 'Alice', surname: 'Smith', mail: 'Alice@example.org' },
    phones: [
      { type: 'work', number: '+1 555 0100' },
      { type: 'work', number: '+1 555 0101' },
      { type: 'work', number: '+1 555 0102' },
      { type: 'mobile', number: '+1 555 0200' },
      { type: 'other', number: '4711' },
    ],
    ...{ title: 'Engineer', department: 'R&D', company: 'Example', office: 'B2', hidden: true },
    managerDn: 'CN=Bob,DC=example,DC=org',
    photoHash: createHash('sha256').update('photo').digest('hex'),
  });
});

test.each(['active-directory', 'openldap'])('who has no principal name (%s) signs in with the DN', (kind) => {
  expect(personOf(map(kind, { mail: 'a@x.org' })).signInName).toBe('uid=alice,ou=people,dc=example,dc=org');
});

test('groups give roles and domains; of several domains the first in the file', () => {
  const file: MappingFile = {
    groups: [
      { dn: 'cn=admins', role: 'admin' },
      { dn: 'cn=sales', domain: 'sales.example.org' },
      { dn: 'cn=all', domain: 'all.example.org' },
    ],
  };
  const inGroups = (...groups: string[]) => {
    const { role, user, domain } = personOf(map('openldap', { mail: 'a@x.org' }, file, { groups }));
    return `${user}@${domain} ${role}`;
  };
  expect(inGroups()).toBe('a@x.org user');
  expect(inGroups('cn=admins')).toBe('a@x.org admin');
  expect(inGroups('cn=all', 'cn=sales')).toBe('a@sales.example.org user');
  expect(inGroups('cn=all', 'cn=admins')).toBe('a@all.example.org admin');
  expect(groupsOf(makeMapping('openldap', file))).toEqual(['cn=admins', 'cn=sales', 'cn=all']);
});

test('no value is longer than somebody reads', () => {
  const long = '😀'.repeat(100_000);
  const names = { displayName: long, givenName: long, sn: long, title: long, department: long, company: long };
  const person = personOf(
    map('active-directory', {
      ...{ mail: 'a@x.org', ...names, physicalDeliveryOfficeName: long, userPrincipalName: long, manager: long },
      ...{ telephoneNumber: '1'.repeat(1000), otherTelephone: Array.from({ length: 100 }, (_, index) => `${index}`) },
    }),
  );
  const cut = '😀'.repeat(256);
  expect(person).toMatchObject({ displayName: cut, givenName: cut, surname: cut, title: cut, department: cut });
  expect(person).toMatchObject({ company: cut, office: cut });
  expect([person.phones.length, person.phones[0]!.number]).toEqual([16, '1'.repeat(64)]);
  // Half of a name would be somebody else's.
  expect([person.signInName, person.managerDn]).toEqual([person.dn, undefined]);
  expect(map('openldap', { mail: 'a@x.org' }, {}, { dn: `cn=${long}` })).toEqual({
    ...{ outcome: 'skipped', id: ID, dn: expect.stringMatching(/^.{1024}$/u), reason: 'malformed' },
    detail: 'its name has more than 1024 characters',
  });
});
