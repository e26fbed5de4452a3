import { expect, test } from 'vitest';
import { SipParseError } from './parse-error.ts';
import { formatUri, parseUri, type SipUri } from './uri.ts';

test('every part of a SIP URI is read', () => {
  const uri = parseUri('SIPS:al%69ce:s%3Acret@Example.ORG:5061;transport=TCP;lr?Subject=hi&to=x') as SipUri;
  expect(uri).toMatchObject({
    kind: 'sip',
    scheme: 'sips',
    user: 'alice',
    password: 's:cret',
    host: 'example.org',
    port: 5061,
  });
  expect(uri.parameters.get('transport')).toBe('TCP');
  expect(uri.parameters.get('LR')).toBe(true);
  expect([...uri.headers.entries()]).toEqual([
    ['Subject', 'hi'],
    ['to', 'x'],
  ]);
  expect(formatUri(uri)).toBe('sips:alice:s%3Acret@example.org:5061;transport=TCP;lr?Subject=hi&to=x');
});

test.each([
  ['sip:example.org', undefined, 'example.org', undefined],
  ['sip:[2001:db8::1]:5060', undefined, '[2001:db8::1]', 5060],
  ['sip:+1-555@gw.example.org;user=phone', '+1-555', 'gw.example.org', undefined],
  ['sip:user;par=u%40example.net@example.com', 'user;par=u@example.net', 'example.com', undefined],
  ['sip:a_b@host_name', 'a_b', 'host_name', undefined],
  ['sip:%E5%A4%A7@example.org', '大', 'example.org', undefined],
  ['sip:*21#@example.org', '*21#', 'example.org', undefined],
])('%s', (text, user, host, port) => {
  expect(parseUri(text)).toMatchObject({ user, host, port });
});

test('another scheme is kept as it came', () => {
  expect(parseUri('TEL:+1-555')).toEqual({ kind: 'opaque', scheme: 'tel', text: 'TEL:+1-555' });
  // RFC 3860 and RFC 3859: instant inboxes and presentities.
  expect(parseUri('pres:alice@example.org')).toMatchObject({ kind: 'opaque', scheme: 'pres' });
  expect(formatUri(parseUri('urn:service:sos'))).toBe('urn:service:sos');
});

test('URI headers are set apart by & and keep a semicolon that stands in them', () => {
  expect(formatUri(parseUri('sip:a@b?x=1&y=2'))).toBe('sip:a@b?x=1&y=2');
  expect(formatUri(parseUri('sip:b?;'))).toBe('sip:b?;');
});

test.each([
  '',
  'sip:',
  'sip:@',
  'sip:a@',
  'sip:@b',
  'sip:a@b@c',
  'sip:a@b:',
  'sip:a@b:x',
  'sip:a@b:65536',
  'sip:a@b;x=<y>',
  'sip:a b@c',
  'sip:a%zz@c',
  'sip:a%ff@c',
  'sip:2001:db8::1',
  'sip:[2001:db8::1',
  'sip:[]',
  'sip:a@b/c',
  'sip:a@b;=x',
  'alice',
  '1sip:a@b',
  'tel:"x"',
])('malformed: %j', (text) => {
  expect(() => parseUri(text)).toThrow(SipParseError);
});
