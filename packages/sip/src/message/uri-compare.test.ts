import { expect, test } from 'vitest';
import { bindingKey, uriEquals } from './uri-compare.ts';

// The examples of RFC 3261 §19.1.4.
const EQUAL = [
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
  [
    'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
    'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
  ],
  [
    'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
    'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
  ],
] as const;

const DIFFERENT = [
  ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
  ['sips:alice@example.org', 'sip:alice@example.org'],
  ['sip:alice:x@example.org', 'sip:alice@example.org'],
] as const;

test.each(EQUAL)('%s equals %s', (a, b) => {
  expect(uriEquals(a, b)).toBe(true);
  expect(uriEquals(b, a)).toBe(true);
});

test.each(DIFFERENT)('%s differs from %s, and is another binding', (a, b) => {
  expect(uriEquals(a, b)).toBe(false);
  expect(uriEquals(b, a)).toBe(false);
  expect(bindingKey(a)).not.toBe(bindingKey(b));
});

test('one binding, however it is written', () => {
  const key = bindingKey('sip:alice@192.0.2.1:5060;transport=tcp;ob');
  expect(key).toBe('sip:alice@192.0.2.1:5060;ob;transport=tcp');
  expect(bindingKey('SIP:%61lice@192.0.2.1:5060;OB;Transport=TCP')).toBe(key);
  expect(bindingKey('sip:alice@192.0.2.1:5060;transport=tcp')).not.toBe(key);
});

test('escapes cannot make two bindings one', () => {
  const keys = [
    'sip:a%40b@c',
    'sip:a;b@c',
    'sip:a%3Bb@c',
    'sip:a@c;b',
    'sip:a%00@c',
    'sip:a%0A@c',
    'sip:a@c;x=%3By',
    'sip:a@c;x;y',
  ];
  expect(new Set(keys.map(bindingKey)).size).toBe(keys.length - 1); // `;` needs no escape in a user part
  for (const key of keys.map(bindingKey)) expect(key).toMatch(/^[!-~]+$/);
});

test('other schemes are compared as text', () => {
  expect(bindingKey('TEL:+1555')).toBe('tel:+1555');
  expect(uriEquals('tel:+1555', 'TEL:+1555')).toBe(true);
});
