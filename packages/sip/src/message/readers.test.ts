import { expect, test } from 'vitest';
import { contactExpires, contactPriority } from './binding-parameters.ts';
import { createRequest } from './create.ts';
import type { NameAddr } from './name-addr.ts';
import { SipParseError } from './parse-error.ts';
import {
  callId,
  contacts,
  cseq,
  expires,
  from,
  maxForwards,
  path,
  recordRoutes,
  routes,
  seconds,
  tokens,
} from './readers.ts';
import { nameAddrs, parameterized, parameterizedList, rack } from './values.ts';

const message = (...headers: [string, string][]) => createRequest({ method: 'REGISTER', uri: 'sip:a', headers });
const contact = (text: string) => contacts(message(['Contact', text]))[0] as NameAddr;

test('Contact: none, a star, or all values of all lines', () => {
  expect(contacts(message())).toEqual([]);
  expect(contacts(message(['m', '*']))).toBe('*');
  const list = contacts(
    message(['Contact', '<sip:a@b>, <sip:c@d>'], ['To', 'x'], ['m', 'sip:e@f']),
  ) as readonly NameAddr[];
  expect(list.map(({ uri }) => uri)).toEqual(['sip:a@b', 'sip:c@d', 'sip:e@f']);
  expect(() => contacts(message(['Contact', '*'], ['Contact', '<sip:a@b>']))).toThrow(SipParseError);
});

test('expires and q of a Contact value', () => {
  const expiry = (value: string) => contactExpires(contact(`<sip:a@b>${value}`));
  expect([expiry(''), expiry(';expires=60'), expiry(';EXPIRES="0"')]).toEqual([undefined, 60, 0]);
  // RFC 3261 §20.10: malformed means 3600.
  expect([expiry(';expires=soon'), expiry(';expires'), expiry(';expires=-1')]).toEqual([3600, 3600, 3600]);
  expect(expiry(';expires=99999999999999999999')).toBe(4_294_967_295);
  const q = (value: string) => contactPriority(contact(`<sip:a@b>;q=${value}`));
  expect(['0', '1', '0.5', '0.123', '1.000', '0.', '.7'].map(q)).toEqual([0, 1000, 500, 123, 1000, 0, 700]);
  expect(contactPriority(contact('<sip:a@b>'))).toBeUndefined();
  for (const bad of ['2', '1.1', '0.1234', 'x', '-1', '.', '0.5.5']) expect(() => q(bad), bad).toThrow(SipParseError);
});

test('numbers: leading zeros, limits, nonsense', () => {
  expect(cseq(message(['CSeq', '0009\tREGISTER']))).toEqual({ sequence: 9, method: 'REGISTER' });
  expect(cseq(message(['CSeq', '2147483647 X'])).sequence).toBe(2_147_483_647);
  expect(expires(message())).toBeUndefined();
  expect(expires(message(['Expires', '99999999999']))).toBe(4_294_967_295);
  expect(maxForwards(message(['Max-Forwards', '0068']))).toBe(68);
  expect(maxForwards(message(['Max-Forwards', '300']))).toBeUndefined();
  expect(seconds(message(['min-expires', '60']), 'Min-Expires')).toBe(60);
  for (const bad of ['', '-1', '+1', '1.5', '1 2', '0x10', '١']) {
    expect(() => expires(message(['Expires', bad])), bad).toThrow(SipParseError);
  }
});

test('lists of tokens and of addresses', () => {
  const request = message(
    ['k', 'path, gruu ,, outbound'],
    ['Supported', ''],
    ['Supported', '100rel'],
    ['Route', '<sip:p1;lr>,<sip:p2;lr>'],
    ['Route', '<sip:p3;lr>'],
    ['Record-Route', '<sip:r>'],
    ['Path', '<sip:edge;lr;ob>'],
    ['P-Asserted-Identity', '"A" <sip:a@b>, <tel:+1>'],
  );
  expect(tokens(request, 'Supported')).toEqual(['path', 'gruu', 'outbound', '100rel']);
  expect(tokens(request, 'Require')).toEqual([]);
  expect(routes(request).map(({ uri }) => uri)).toEqual(['sip:p1;lr', 'sip:p2;lr', 'sip:p3;lr']);
  expect(recordRoutes(request)).toHaveLength(1);
  expect(path(request)[0]!.uri).toBe('sip:edge;lr;ob');
  expect(nameAddrs(request, 'P-Asserted-Identity').map(({ uri }) => uri)).toEqual(['sip:a@b', 'tel:+1']);
});

test('values with parameters', () => {
  const request = message(
    ['o', 'presence;id=4'],
    ['Subscription-State', 'active ; expires=60;reason="a;b"'],
    ['c', 'multipart/mixed;boundary="x;y"'],
    ['Retry-After', '120 (in a meeting);duration=3600'],
    ['Reason', 'SIP;cause=200;text="a, b", Q.850;cause=16'],
    ['RAck', '776656 1 INVITE'],
  );
  const event = parameterized(request, 'Event')!;
  expect([event.value, event.parameters.get('id')]).toEqual(['presence', '4']);
  expect(parameterized(request, 'Subscription-State')!.parameters.get('reason')).toBe('a;b');
  expect(parameterized(request, 'Content-Type')!.value).toBe('multipart/mixed');
  expect(parameterized(request, 'Retry-After')!.parameters.get('duration')).toBe('3600');
  expect(parameterizedList(request, 'Reason').map(({ value }) => value)).toEqual(['SIP', 'Q.850']);
  expect(parameterized(request, 'Date')).toBeUndefined();
  expect(() => parameterized(message(['Event', 'a;b=c,d']), 'Event')).toThrow(SipParseError);
  expect(rack(request)).toEqual({ responseSequence: 776_656, sequence: 1, method: 'INVITE' });
  expect(() => rack(message(['RAck', '1 INVITE']))).toThrow(SipParseError);
});

test('what must be there and is not, is a fault of the request', () => {
  expect(() => from(message())).toThrow('400 Missing From');
  expect(() => callId(message())).toThrow('400 Missing Call-ID');
});
