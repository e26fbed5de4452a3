import { expect, test } from 'vitest';
import { checkRequest, type RequestPolicy } from './check-request.ts';
import { createRequest } from './create.ts';

const GOOD: Record<string, string> = {
  Via: 'SIP/2.0/UDP a;branch=z9hG4bK1',
  From: '<sip:alice@example.org>;tag=1',
  To: '<sip:alice@example.org>',
  'Call-ID': '1@a',
  CSeq: '1 REGISTER',
};

function check(
  changes: Record<string, string | undefined>,
  policy?: RequestPolicy,
  uri = 'sip:example.org',
  body = '',
) {
  const headers = Object.entries({ ...GOOD, ...changes }).filter(
    (line): line is [string, string] => line[1] !== undefined,
  );
  return checkRequest(createRequest({ method: 'REGISTER', uri, headers, body: Buffer.from(body) }), policy);
}

test('a good request passes', () => {
  expect(check({})).toBeUndefined();
  expect(check({ Contact: '*', Expires: '0' })).toBeUndefined();
});

test.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])('without %s it is refused', (name) => {
  expect(check({ [name]: undefined })).toEqual({ status: 400, reason: `Missing ${name}` });
});

test.each([
  ['Via', 'SIP/2.0/UDP'],
  ['From', 'alice'],
  ['To', '<>'],
  ['Call-ID', ''],
  ['CSeq', 'one REGISTER'],
  ['CSeq', '1'],
  ['CSeq', '2147483648 REGISTER'],
  ['CSeq', '1 INVITE'],
  ['Contact', 'sip:a@b?x=y'],
  ['Contact', '*, <sip:a@b>'],
  ['Route', '<sip:p;lr'],
  ['Record-Route', 'x'],
  ['Max-Forwards', 'many'],
  ['Expires', '1h'],
  ['t', '<sip:other@example.org>'],
])('%s: %s is refused', (name, value) => {
  expect(check({ [name]: value })).toMatchObject({ status: 400 });
});

test('a registrar refuses an address of record that is no SIP URI', () => {
  expect(check({ To: '<tel:+1555>' })).toMatchObject({ status: 400 });
});

test('the Request-URI has a scheme that is served, and no headers', () => {
  expect(check({}, {}, 'tel:+1555')).toMatchObject({ status: 416 });
  expect(check({}, { schemes: ['sip', 'tel'] }, 'tel:+1555')).toBeUndefined();
  expect(check({}, {}, 'sip:a@b?x=y')).toMatchObject({ status: 400 });
  expect(check({}, {}, 'sip:a@b:x')).toMatchObject({ status: 400 });
});

test('policy: methods, hops, extensions, bodies', () => {
  expect(check({}, { methods: ['OPTIONS', 'INVITE'] })).toEqual({
    status: 405,
    reason: 'Method Not Allowed',
    headers: [['Allow', 'OPTIONS, INVITE']],
  });
  expect(check({ 'Max-Forwards': '0' }, { forwarding: true })).toMatchObject({ status: 483 });
  expect(check({ 'Max-Forwards': '0' }, { forwarding: false })).toBeUndefined();
  expect(
    check({ Require: 'path, x, gruu', 'Proxy-Require': 'y' }, { require: ['path', 'gruu'], proxyRequire: [] }),
  ).toEqual({
    status: 420,
    reason: 'Bad Extension',
    headers: [['Unsupported', 'x, y']],
  });
  expect(check({ 'Proxy-Require': 'ms-benotify' }, { proxyRequire: ['ms-benotify'] })).toBeUndefined();
  const contentTypes = ['application/pidf+xml'];
  expect(check({ c: 'Application/PIDF+xml ; charset=utf-8' }, { contentTypes }, undefined, 'x')).toBeUndefined();
  expect(check({ c: 'text/plain' }, { contentTypes }, undefined, 'x')).toMatchObject({ status: 415 });
  expect(check({ c: 'text/plain' }, { contentTypes })).toBeUndefined();
});

test('ACK and CANCEL are not refused for an extension', () => {
  const headers = Object.entries({ ...GOOD, CSeq: '1 ACK', Require: 'x' });
  const ack = createRequest({ method: 'ACK', uri: 'sip:a', headers });
  expect(checkRequest(ack, { require: [] })).toBeUndefined();
});
