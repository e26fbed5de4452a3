import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProxyHeader, startsWithProxyHeader } from './proxy-protocol.ts';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
const TCP4 = 'c0000201c6336401dc0401bb'; // 192.0.2.1:56324 to 198.51.100.1:443
const TCP6 = `20010db8${'0'.repeat(23)}1${'20010db8'}${'0'.repeat(23)}2dc0401bb`;
const hex = (...parts: string[]) => Buffer.from(parts.join(''), 'hex');
/** A header of version 2 with its right length. */
const v2 = (command: string, family: string, rest = '') =>
  hex(SIGNATURE, command, family, (rest.length / 2).toString(16).padStart(4, '0'), rest);

/** The sums of the two headers below, computed by another program. */
const SUM = '737ee919';
const SUM6 = 'ffb86687';

const ENDS = {
  remote: { address: '192.0.2.1', port: 56324 },
  local: { address: '198.51.100.1', port: 443 },
  secure: false,
};
const ENDS6 = {
  remote: { address: '2001:db8::1', port: 56324 },
  local: { address: '2001:db8::2', port: 443 },
  secure: false,
};

const GOOD: [what: string, bytes: Buffer, ends: unknown][] = [
  ['v1 TCP4', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n'), ENDS],
  ['v1 TCP6, in any spelling', Buffer.from('PROXY TCP6 2001:DB8:0::1 2001:db8::2 56324 443\r\n'), ENDS6],
  [
    'v1 TCP6 with IPv4 clients of a dual-stack balancer',
    Buffer.from('PROXY TCP6 ::ffff:192.0.2.1 ::ffff:198.51.100.1 56324 443\r\n'),
    ENDS,
  ],
  ['v1 UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  ['v1 UNKNOWN with the longest line', Buffer.from(`PROXY UNKNOWN ${'f'.repeat(91)}\r\n`), undefined],
  ['v2 TCP over IPv4', v2('21', '11', TCP4), ENDS],
  ['v2 TCP over IPv6', v2('21', '21', TCP6), ENDS6],
  ['v2 with other fields', v2('21', '11', `${TCP4}040003aabbcc05000101`), ENDS],
  [
    'v2 of a client that speaks TLS with the balancer',
    v2('21', '11', `${TCP4}2000050100000000`),
    { ...ENDS, secure: true },
  ],
  ['v2 of one that does not', v2('21', '11', `${TCP4}2000050000000000`), ENDS],
  ['v2 with its checksum', v2('21', '11', `${TCP4}030004${SUM}`), ENDS],
  ['v2 over IPv6 with its checksum between other fields', v2('21', '21', `${TCP6}05000101030004${SUM6}040000`), ENDS6],
  ['v2 LOCAL with a checksum, which is to be discarded', v2('20', '11', `${TCP4}03000400000000`), undefined],
  ['v2 LOCAL', v2('20', '00'), undefined],
  ['v2 LOCAL with addresses, which mean nothing', v2('20', '11', TCP4), undefined],
  ['v2 of an unspecified family', v2('21', '00', '0102'), undefined],
  ['v2 of a UNIX socket', v2('21', '31', '00'.repeat(216)), undefined],
];

const BAD: [what: string, bytes: Buffer][] = [
  ['SIP', Buffer.from('OPTIONS sip:pool.test SIP/2.0\r\n')],
  ['TLS', hex('16030100')],
  ['v1 in lower case', Buffer.from('proxy TCP4 192.0.2.1 198.51.100.1 56324 443\r\n')],
  ['v1 with a name', Buffer.from('PROXY TCP4 client 198.51.100.1 56324 443\r\n')],
  ['v1 with an address of the other family', Buffer.from('PROXY TCP4 ::1 ::1 56324 443\r\n')],
  ['v1 with a port too high', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n')],
  ['v1 with a negative port', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.1 -1 443\r\n')],
  ['v1 with a word too few', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n')],
  ['v1 with a word too many', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 1\r\n')],
  ['v1 with two spaces', Buffer.from('PROXY  TCP4 192.0.2.1 198.51.100.1 56324 443\r\n')],
  ['v1 of UDP', Buffer.from('PROXY UDP4 192.0.2.1 198.51.100.1 56324 443\r\n')],
  ['v1 without an end', Buffer.from(`PROXY UNKNOWN ${'f'.repeat(93)}`)],
  ['v2 of version 3', v2('31', '11', TCP4)],
  ['v2 with a command of its own', v2('22', '11', TCP4)],
  ['v2 of UDP', v2('21', '12', TCP4)],
  ['v2 with half an address', v2('21', '11', TCP4.slice(2))],
  ['v2 IPv6 with IPv4 addresses', v2('21', '21', TCP4)],
  ['v2 with half a field', v2('21', '11', `${TCP4}0400`)],
  ['v2 with a field longer than the header', v2('21', '11', `${TCP4}040003aabb`)],
  ['v2 with a wrong checksum', v2('21', '11', `${TCP4}03000400000000`)],
  ['v2 with the checksum of another header', v2('21', '11', `${TCP4.replace('dc04', 'dc05')}030004${SUM}`)],
  ['v2 with a checksum of three bytes', v2('21', '11', `${TCP4}030003${SUM.slice(2)}`)],
  ['v2 with two checksums', v2('21', '11', `${TCP4}030004${SUM}030004${SUM}`)],
  ['v2 of a UNIX socket with a wrong checksum', v2('21', '31', `${'00'.repeat(216)}03000400000000`)],
  ['v2 of a UNIX socket with half an address', v2('21', '31', '00'.repeat(215))],
  ['v2 that declares more than 4 KB', hex(SIGNATURE, '21', '11', 'ffff')],
];

describe('a PROXY header', () => {
  it.each(GOOD)('%s is read, alone or with what follows', (_what, bytes, ends) => {
    const header = { kind: 'header', length: bytes.length, ...(ends !== undefined && { ends }) };
    expect(parseProxyHeader(bytes)).toEqual(header);
    expect(parseProxyHeader(Buffer.concat([bytes, Buffer.from('\r\nOPTIONS')]))).toEqual(header);
    expect(startsWithProxyHeader(bytes)).toBe(true);
  });

  it.each(GOOD)('%s is waited for while a byte is missing', (_what, bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(parseProxyHeader(bytes.subarray(0, length))).toEqual({ kind: 'incomplete' });
    }
  });

  it.each(BAD)('%s is refused', (_what, bytes) => {
    expect(parseProxyHeader(bytes)).toEqual({ kind: 'malformed' });
  });

  it('is told from SIP, HTTP and keep-alives', () => {
    for (const text of ['OPTIONS sip:pool.test', 'PROXY sip:pool.test SIP/2.0', 'PUT / HTTP/1.1', '\r\n\r\n', '']) {
      expect(startsWithProxyHeader(Buffer.from(text))).toBe(false);
    }
  });

  it('of any bytes gets a verdict, and never claims more than came or is allowed', () => {
    const start = fc.constantFrom(Buffer.alloc(0), Buffer.from('PROXY TCP4 '), hex(SIGNATURE), hex(SIGNATURE, '2111'));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), (before, after) => {
        const bytes = Buffer.concat([before, after]);
        const header = parseProxyHeader(bytes);
        if (header.kind === 'header') expect(header.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
