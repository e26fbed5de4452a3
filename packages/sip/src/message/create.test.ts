import { expect, test } from 'vitest';
import { createRequest, createResponse } from './create.ts';
import { formatMessage } from './format.ts';
import type { SipRequest } from './message.ts';
import { parseMessage } from './parse.ts';
import { reasonPhrase } from './reason-phrases.ts';

const request = (method: string, more = '') =>
  parseMessage(
    Buffer.from(
      `${method} sip:bob@example.org SIP/2.0\r\nv: SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b;branch=2\r\nVia: SIP/2.0/UDP c\r\n` +
        `Record-Route: <sip:p;lr>\r\nTo:  "B;tag=x" <sip:bob@example.org;tag=y>\r\nf: <sip:alice@example.org>;tag=1\r\n` +
        `i: 42@a\r\nCSeq:  007  ${method}\r\nTimestamp: 54\r\nMax-Forwards: 70\r\n${more}\r\n`,
    ),
  ) as SipRequest;

const wire = (lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;

test('a response carries back what RFC 3261 §8.2.6 says, as it came', () => {
  const response = createResponse(request('MESSAGE'), 200, undefined, {
    toTag: 't',
    headers: [['server', 'Rollcall']],
  });
  expect(formatMessage(response).toString()).toBe(
    wire([
      'SIP/2.0 200 OK',
      'Via: SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b;branch=2',
      'Via: SIP/2.0/UDP c',
      'From: <sip:alice@example.org>;tag=1',
      'To: "B;tag=x" <sip:bob@example.org;tag=y>;tag=t',
      'Call-ID: 42@a',
      'CSeq: 007  MESSAGE',
      'Server: Rollcall',
      'Content-Length: 0',
    ]),
  );
});

test('a To that has a tag keeps it, whatever its spelling', () => {
  const message = request('BYE');
  for (const to of ['<sip:b@c>;TAG=old', 'sip:b@c ; tag = old', '"x" <sip:b@c>;a="b;c";tag=old']) {
    message.headers.set('To', to);
    expect(createResponse(message, 481, undefined, { toTag: 'new' }).headers.get('To')).toBe(to);
  }
});

test('100 has no tag of ours, and gives the Timestamp back', () => {
  const { headers } = createResponse(request('INVITE'), 100, undefined, { toTag: 't' });
  expect(headers.get('To')).not.toContain(';tag=t');
  expect(headers.get('Timestamp')).toBe('54');
  expect(createResponse(request('INVITE'), 180).headers.has('Timestamp')).toBe(false);
});

test('Record-Route goes back where a dialog may begin', () => {
  const has = (method: string, status: number) => createResponse(request(method), status).headers.has('Record-Route');
  expect([has('INVITE', 180), has('INVITE', 200), has('SUBSCRIBE', 200)]).toEqual([true, true, true]);
  expect([has('INVITE', 100), has('INVITE', 404), has('MESSAGE', 200)]).toEqual([false, false, false]);
});

test('a request without any of the header fields can be answered', () => {
  const bare = createRequest({ method: 'OPTIONS', uri: 'sip:a', headers: [] });
  expect(formatMessage(createResponse(bare, 400, 'Missing Via')).toString()).toBe(
    wire(['SIP/2.0 400 Missing Via', 'Content-Length: 0']),
  );
});

test('Content-Length is what the body has, in bytes', () => {
  const body = Buffer.from('大停電');
  const headers: [string, string][] = [
    ['Content-Length', '3'],
    ['Subject', 'é'],
  ];
  const bytes = formatMessage(createRequest({ method: 'MESSAGE', uri: 'sip:a', headers, body }));
  expect(bytes.toString()).toBe('MESSAGE sip:a SIP/2.0\r\nSubject: é\r\nContent-Length: 9\r\n\r\n大停電');
  expect(parseMessage(bytes, { stream: true }).body).toEqual(body);
});

test('reason phrases', () => {
  expect([200, 401, 423, 430, 503].map(reasonPhrase)).toEqual([
    'OK',
    'Unauthorized',
    'Interval Too Brief',
    'Flow Failed',
    'Service Unavailable',
  ]);
  expect(reasonPhrase(299)).toBe('OK');
  expect(reasonPhrase(499)).toBe('Bad Request');
});
