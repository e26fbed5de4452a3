import { expect, test } from 'vitest';
import { formatAccountUri, parseAccountUri, parseDomain } from './account-uri.ts';

test.each([
  ['sip:alice@example.org', { user: 'alice', domain: 'example.org' }],
  ['alice@example.org', { user: 'alice', domain: 'example.org' }],
  ['SIP:Alice@Example.ORG', { user: 'Alice', domain: 'example.org' }],
  ['sip:j%C3%BCrgen@example.org', { user: 'jürgen', domain: 'example.org' }],
  ['bob@[::1]', { user: 'bob', domain: '[::1]' }],
])('%s names an account', (text, account) => {
  expect(parseAccountUri(text)).toEqual(account);
});

test.each([
  'alice',
  'sip:example.org',
  'sips:alice@example.org',
  'tel:+123',
  'mailto:alice@example.org',
  'sip:alice:secret@example.org',
  'sip:alice@example.org:5060',
  'sip:alice@example.org;transport=tcp',
  'sip:alice@example.org?subject=x',
  'sip:alice@@example.org',
  'a b@example.org',
  `${'a'.repeat(256)}@example.org`,
  '',
])('%j names none', (text) => {
  expect(parseAccountUri(text)).toBeUndefined();
});

test('an account is shown as a URI that names it again', () => {
  const account = { user: 'jürgen müller@home', domain: 'example.org' };
  expect(parseAccountUri(formatAccountUri(account))).toEqual(account);
});

test('a domain is a host name alone', () => {
  expect(parseDomain('Example.org')).toBe('example.org');
  for (const text of ['', 'a@b', 'example.org:5060', 'sip:example.org', 'two words']) {
    expect(parseDomain(text)).toBeUndefined();
  }
});
