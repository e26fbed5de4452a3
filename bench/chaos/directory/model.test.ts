import { expect, test } from 'vitest';
import { findMismatches, type Held, type HeldAccount, type HeldEntry, type Listed } from './model.ts';

const ROOT: HeldAccount = {
  ...{ id: '1', address: 'root@a.test', aliases: ['boss@a.test'], enabled: true, admin: true, details: undefined },
};

function person(name: string, address: Listed['address'] = `${name}@a.test`, more: Partial<Listed> = {}): Listed {
  return { id: name, dn: `uid=${name}`, address, enabled: true, admin: false, details: { surname: name }, ...more };
}

/** What the back end has of a person, whose account has the number of the entry's place. */
function follows(
  name: string,
  address = `${name}@a.test`,
  row: Partial<HeldEntry> = {},
  more: Partial<HeldAccount> = {},
) {
  const id = `account of ${name}`;
  const account = { id, address, aliases: [], enabled: true, admin: false, details: { surname: name }, ...more };
  return { row: { id: name, accountId: id, problem: null, gone: false, ...row }, account };
}

function compare(listed: Listed[], ...all: { row: HeldEntry; account?: HeldAccount }[]): string[] {
  const held: Held = {
    entries: all.map(({ row }) => row),
    accounts: [ROOT, ...all.flatMap(({ account }) => account ?? [])],
  };
  return findMismatches(listed, held, new Set([ROOT.address]));
}

function waits(name: string, problem: string | null = 'conflict') {
  return { row: { id: name, accountId: null, problem, gone: false } };
}

test('accounts that are as the directory says', () => {
  expect(compare([person('a'), person('b')], follows('a'), follows('b'))).toEqual([]);
  const off = { enabled: false, details: undefined };
  expect(compare([person('a', undefined, { enabled: false })], follows('a', undefined, {}, off))).toEqual([]);
  expect(compare([], follows('a', undefined, { gone: true }, off))).toEqual([]);
});

const WRONG: [string, string[], string[]][] = [
  ['one is missing', compare([person('a'), person('b')], follows('a')), ['uid=b is not known']],
  ['one has no account', compare([person('a')], waits('a', null)), ['uid=a has no account, not a@a.test (no problem)']],
  [
    'one has an old address',
    compare([person('a')], follows('a', 'old@a.test')),
    ['uid=a has old@a.test, not a@a.test (no problem)'],
  ],
  [
    'one is still enabled',
    compare([person('a', undefined, { enabled: false })], follows('a')),
    ['uid=a is enabled', 'uid=a is [["surname","a"]] in the address book, not nothing'],
  ],
  [
    'one has old details',
    compare([person('a', undefined, { details: { surname: 'z' } })], follows('a')),
    ['uid=a is [["surname","a"]] in the address book, not [["surname","z"]]'],
  ],
  [
    'one is an administrator no more',
    compare([person('a')], follows('a', undefined, {}, { admin: true })),
    ['uid=a is an administrator'],
  ],
  [
    'one is gone',
    compare([], follows('a')),
    [
      'a is not found gone',
      'account a@a.test is enabled, and its entry is gone',
      'account a@a.test is in the address book, and its entry is gone',
    ],
  ],
  [
    'one is doubled',
    compare([person('a')], follows('a'), { ...follows('x'), row: { ...follows('a').row } }),
    ['account a@a.test belongs to 2 entries', 'account x@a.test belongs to 0 entries'],
  ],
  [
    'a problem has ended',
    compare([person('a')], follows('a', undefined, { problem: 'conflict' })),
    ['uid=a has what it asks for, and reported is a problem: conflict'],
  ],
];
test.each(WRONG)('what is wrong when %s', (_, found, wanted) => expect(found).toEqual(wanted));

test('an account that was made by hand must stay', () => {
  expect(findMismatches([], { entries: [], accounts: [] }, new Set([ROOT.address]))).toEqual([
    'root@a.test is missing',
  ]);
});

test('who asks for an address that is taken waits, and that is reported', () => {
  for (const address of [ROOT.address, ROOT.aliases[0]!, 'b@a.test']) {
    const listed = [person('a', address), person('b')];
    expect(compare(listed, waits('a'), follows('b'))).toEqual([]);
    expect(compare(listed, waits('a', null), follows('b'))).toEqual([
      `uid=a waits for ${address}, and reported is nothing`,
    ]);
  }
});

test('two that ask for the same address may wait, and so may who asks for the address of one of them', () => {
  const listed = [person('a', 'x@a.test'), person('b', 'x@a.test'), person('c', 'a@a.test')];
  expect(compare(listed, follows('a', undefined, { problem: 'conflict' }), waits('b'), waits('c'))).toEqual([]);
});

test('two that ask for the address of each other may not wait', () => {
  const old = (name: string) => follows(name, undefined, { problem: 'conflict' });
  expect(compare([person('a', 'b@a.test'), person('b', 'a@a.test')], old('a'), old('b'))).toEqual([
    'uid=a has a@a.test, not b@a.test (conflict)',
    'uid=b has b@a.test, not a@a.test (conflict)',
  ]);
});

test('who asks for an address that cannot be has a problem, and keeps the old one', () => {
  const listed = [person('a', { problem: 'malformed' })];
  expect(compare(listed, follows('a', undefined, { problem: 'malformed' }))).toEqual([]);
  expect(compare(listed, follows('a'))).toEqual(['uid=a is malformed, and reported is nothing']);
});
