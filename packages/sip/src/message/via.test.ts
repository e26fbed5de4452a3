import { expect, test } from 'vitest';
import type { SipRequest } from './message.ts';
import { parseMessage } from './parse.ts';
import { SipParseError } from './parse-error.ts';
import { topVia, vias } from './readers.ts';
import { stampReceived } from './stamp-received.ts';
import { formatVia, parseVias } from './via.ts';

const request = (via: string) =>
  parseMessage(Buffer.from(`OPTIONS sip:a SIP/2.0\r\nVia: ${via}\r\n\r\n`)) as SipRequest;

test('a Via is read', () => {
  expect(parseVias('SIP/2.0/udp 192.0.2.1:5060;branch=z9hG4bK1;rport')[0]).toMatchObject({
    protocol: 'SIP/2.0',
    transport: 'UDP',
    host: '192.0.2.1',
    port: 5060,
    branch: 'z9hG4bK1',
    rport: true,
    received: undefined,
  });
});

test('white space and lists are read', () => {
  const list = parseVias(
    'SIP / 2.0 / TCP  a.example.org : 5061 ; branch = x , SIP/2.0/WSS df7jal23ls0d.invalid;branch=y',
  );
  expect(list.map(formatVia)).toEqual([
    'SIP/2.0/TCP a.example.org:5061;branch=x',
    'SIP/2.0/WSS df7jal23ls0d.invalid;branch=y',
  ]);
});

test.each([
  '',
  'SIP/2.0/UDP',
  'SIP/2.0 UDP a',
  'SIP/2.0/UDP a:port',
  'SIP/2.0/UDP a:70000',
  'SIP/2.0/UDP [::1',
  'SIP/2.0/UDP [evil]',
  'SIP/2.0/UDP a,',
  'SIP/2.0/UDP a;;branch=x',
  'SIP/2.0/UDP a b',
])('malformed: %j', (text) => {
  expect(() => parseVias(text)).toThrow(SipParseError);
});

test('a client behind a NAT learns where its request came from (RFC 3581)', () => {
  const message = request('SIP/2.0/UDP 10.0.0.1:5060;rport;branch=x, SIP/2.0/UDP b');
  stampReceived(message, { address: '192.0.2.9', port: 40_000 });
  expect(message.headers.get('Via')).toBe(
    'SIP/2.0/UDP 10.0.0.1:5060;rport=40000;branch=x;received=192.0.2.9, SIP/2.0/UDP b',
  );
  expect(topVia(message)).toMatchObject({ rport: '40000', received: '192.0.2.9' });
  expect(vias(message).length).toBe(2);
});

test('received is noted only when it differs from sent-by, unless rport is asked for', () => {
  const same = request('SIP/2.0/TCP 192.0.2.9;branch=x');
  stampReceived(same, { address: '192.0.2.9', port: 40_000 });
  expect(same.headers.get('Via')).toBe('SIP/2.0/TCP 192.0.2.9;branch=x');
  const named = request('SIP/2.0/TCP a.example.org;branch=x');
  stampReceived(named, { address: '192.0.2.9', port: 40_000 });
  expect(named.headers.get('Via')).toBe('SIP/2.0/TCP a.example.org;branch=x;received=192.0.2.9');
  const six = request('SIP/2.0/TCP [2001:DB8::1];branch=x');
  stampReceived(six, { address: '2001:db8::1', port: 40_000 });
  expect(topVia(six).received).toBeUndefined();
});

test('a client cannot have its answer sent to someone else', () => {
  const message = request('SIP/2.0/UDP 192.0.2.9;branch=x;received=198.51.100.1;rport=1');
  stampReceived(message, { address: '192.0.2.9', port: 40_000 });
  expect(topVia(message)).toMatchObject({ received: '192.0.2.9', rport: '40000' });
  const quiet = request('SIP/2.0/UDP 192.0.2.9;branch=x;received=198.51.100.1');
  stampReceived(quiet, { address: '192.0.2.9', port: 40_000 });
  expect(topVia(quiet).received).toBe('192.0.2.9');
});
