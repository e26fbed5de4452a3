import { describe, expect, test } from 'vitest';
import { formatNameAddr, parseNameAddr, parseNameAddrs } from './name-addr.ts';
import { SipParseError } from './parse-error.ts';

test.each([
  ['sip:a@b', undefined, 'sip:a@b', ''],
  ['sip:a@b;tag=1', undefined, 'sip:a@b', ';tag=1'],
  ['<sip:a@b;x=y>;tag=1', undefined, 'sip:a@b;x=y', ';tag=1'],
  ['Alice <sip:a@b>', 'Alice', 'sip:a@b', ''],
  ['Alice  B.  Smith<sip:a@b>', 'Alice  B.  Smith', 'sip:a@b', ''],
  ['"Smith, Alice \\"A\\" <x>" <sip:a@b> ; tag = 1 ; lr', 'Smith, Alice "A" <x>', 'sip:a@b', ';tag=1;lr'],
  ['"" <sip:a@b>', '', 'sip:a@b', ''],
  ['Zoë <sip:zoe@b>', 'Zoë', 'sip:zoe@b', ''],
  ['<tel:+15551234>;x="a;b,c"', undefined, 'tel:+15551234', ';x="a;b,c"'],
  ['<sip:a@[2001:db8::1]:5060;lr>', undefined, 'sip:a@[2001:db8::1]:5060;lr', ''],
])('%s', (text, displayName, uri, parameters) => {
  const value = parseNameAddr(text);
  expect(value).toMatchObject({ displayName, uri });
  expect(value.parameters.toString()).toBe(parameters);
});

test('parameters keep order and spelling, and are found in any case', () => {
  const { parameters } = parseNameAddr('<sip:a@b>;Expires=60;q=0.5;+sip.instance="<urn:uuid:1>";reg-id=1;Flag');
  expect(parameters.toString()).toBe(';Expires=60;q=0.5;+sip.instance="<urn:uuid:1>";reg-id=1;Flag');
  expect(parameters.get('expires')).toBe('60');
  expect(parameters.get('+SIP.instance')).toBe('<urn:uuid:1>');
  expect(parameters.get('flag')).toBe(true);
  expect(parameters.text('flag')).toBeUndefined();
  expect(parameters.get('none')).toBeUndefined();
});

test('a list is split outside of quotes and angle brackets', () => {
  const list = parseNameAddrs('"a,b" <sip:a,b@c>;x="1,2" , sip:d@e;q=1,<sip:f@g>');
  expect(list.map(({ uri }) => uri)).toEqual(['sip:a,b@c', 'sip:d@e', 'sip:f@g']);
  expect(parseNameAddrs('  ')).toEqual([]);
});

describe('malformed addresses', () => {
  test.each([
    '',
    '<>',
    '<sip:a@b',
    'sip:a@b>',
    '< sip:a@b>',
    '<sip:a b@c>',
    'a@b',
    '<a@b>',
    'Bell, A <sip:a@b>',
    '"a <sip:a@b>',
    '"a" sip:a@b',
    'sip:a@b?x=y',
    '<sip:a@b>;',
    '<sip:a@b>;;x',
    '<sip:a@b>;=x',
    '<sip:a@b>;x=',
    '<sip:a@b> x',
    '<sip:a@b>;x="y',
    '<sip:a@b>,',
    '<sip:a@b>, ',
  ])('%j', (text) => {
    expect(() => parseNameAddrs(`${text},<sip:z@z>`)).toThrow(SipParseError);
    expect(() => parseNameAddr(text)).toThrow(SipParseError);
  });

  test('a second value where one belongs', () => {
    expect(() => parseNameAddr('<sip:a@b>,<sip:c@d>')).toThrow('More Than One Address');
  });

  test('more values or parameters than anyone has', () => {
    expect(() => parseNameAddrs(Array(200).fill('<sip:a@b>').join())).toThrow('Too Many Values');
    expect(() => parseNameAddr(`<sip:a@b>${';x'.repeat(100)}`)).toThrow('Too Many Parameters');
  });
});

test('what is formatted reads as the same', () => {
  const value = parseNameAddr('"A \\\\ \\"B\\"" <sip:a@b>;tag=1;x="y z"');
  expect(formatNameAddr(value)).toBe('"A \\\\ \\"B\\"" <sip:a@b>;tag=1;x="y z"');
});
