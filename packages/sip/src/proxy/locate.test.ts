import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUri, type SipUri } from '../message/index.ts';
import { startDnsServer, type ZoneRecord } from './dns-test-server.ts';
import { type Hop, locate } from './locate.ts';
import { inOrderOfService } from './service-order.ts';

const ZONE: ZoneRecord[] = [
  // All there is.
  ['full.test', 'NAPTR', '50 50 s SIPS+D2T _sips._tcp.full.test'],
  ['full.test', 'NAPTR', '90 50 s SIP+D2T _sip._tcp.full.test'],
  ['full.test', 'NAPTR', '100 50 s SIP+D2U _odd.full.test'],
  ['full.test', 'NAPTR', '10 50 s E2U+sip _no.full.test'],
  ['full.test', 'NAPTR', '10 50 u SIP+D2U _no.full.test'],
  ['full.test', 'A', '192.0.2.99'],
  ['_sips._tcp.full.test', 'SRV', '1 1 5071 a.full.test'],
  ['_sip._tcp.full.test', 'SRV', '2 1 5062 a.full.test'],
  ['_sip._tcp.full.test', 'SRV', '1 1 5061 b.full.test'],
  ['_odd.full.test', 'SRV', '1 1 5063 a.full.test'],
  ['a.full.test', 'A', '192.0.2.1'],
  ['b.full.test', 'A', '192.0.2.2'],
  ['b.full.test', 'AAAA', '2001:db8:0:0:0:0:0:2'],
  // SRV only.
  ['_sip._udp.srv.test', 'SRV', '1 1 5060 a.full.test'],
  ['_sip._tcp.srv.test', 'SRV', '1 1 5070 a.full.test'],
  // Addresses only.
  ['plain.test', 'A', '192.0.2.5'],
  ['plain.test', 'AAAA', '2001:db8:0:0:0:0:0:5'],
  // No such service here.
  ['_sip._udp.closed.test', 'SRV', '0 0 0 .'],
  ['closed.test', 'A', '192.0.2.6'],
  ['_sip._tcp.many.test', 'SRV', '1 1 1 lots.test'],
  ['_sip._tcp.many.test', 'SRV', '2 1 2 lots.test'],
  ...Array.from({ length: 12 }, (_, index): ZoneRecord => ['lots.test', 'A', `198.51.100.${index}`]),
];

const CASES: [uri: string, hops: string[]][] = [
  // RFC 3263 §4.1: an address.
  ['sip:192.0.2.9', ['UDP 192.0.2.9 5060']],
  ['sip:192.0.2.9:5070', ['UDP 192.0.2.9 5070']],
  ['sip:192.0.2.9;transport=tcp', ['TCP 192.0.2.9 5060']],
  ['sip:[2001:db8::9]:5070;transport=TCP', ['TCP 2001:db8::9 5070']],
  ['sip:192.0.2.9;transport=tls', ['TLS 192.0.2.9 5061']],
  ['sips:192.0.2.9', ['TLS 192.0.2.9 5061']],
  ['sips:192.0.2.9;transport=tcp', ['TLS 192.0.2.9 5061']],
  ['sip:full.test;maddr=192.0.2.9', ['UDP 192.0.2.9 5060']],
  ['sips:192.0.2.9;transport=udp', []],
  ['sip:192.0.2.9;transport=ws', []],
  ['sip:192.0.2.9;transport=sctp', []],
  // A name and a port: no SRV.
  ['sip:full.test:5080', ['UDP 192.0.2.99 5080']],
  ['sip:b.full.test:5080;transport=tcp', ['TCP 192.0.2.2 5080', 'TCP 2001:db8::2 5080']],
  // NAPTR, then SRV.
  [
    'sip:full.test',
    ['TLS 192.0.2.1 5071', 'TCP 192.0.2.2 5061', 'TCP 2001:db8::2 5061', 'TCP 192.0.2.1 5062', 'UDP 192.0.2.1 5063'],
  ],
  ['sips:full.test', ['TLS 192.0.2.1 5071']],
  ['sip:full.test;transport=tcp', ['TCP 192.0.2.2 5061', 'TCP 2001:db8::2 5061', 'TCP 192.0.2.1 5062']],
  ['sip:srv.test', ['UDP 192.0.2.1 5060', 'TCP 192.0.2.1 5070']],
  ['sips:srv.test', []],
  // Neither.
  ['sip:plain.test', ['UDP 192.0.2.5 5060', 'UDP 2001:db8::5 5060']],
  ['sips:plain.test', ['TLS 192.0.2.5 5061', 'TLS 2001:db8::5 5061']],
  ['sip:plain.test;transport=tcp', ['TCP 192.0.2.5 5060', 'TCP 2001:db8::5 5060']],
  ['sip:closed.test;transport=udp', []],
  ['sip:nothing.test', []],
];

describe('locating a server (RFC 3263 §4)', () => {
  let server: Awaited<ReturnType<typeof startDnsServer>>;
  beforeAll(async () => {
    server = await startDnsServer(ZONE);
  });
  afterAll(() => server.close());

  const find = async (uri: string) => (await locate(parseUri(uri) as SipUri, server.resolver, Math.random)).map(line);
  const line = ({ transport, host, port }: Hop) => `${transport} ${host} ${port}`;

  it.each(CASES)('%s', async (uri, hops) => {
    expect(await find(uri)).toEqual(hops);
  });

  it('asks nobody about an address', async () => {
    server.asked.length = 0;
    await find('sip:192.0.2.9');
    expect(server.asked).toEqual([]);
  });

  it('gives no more than 16 places', async () => {
    expect(await find('sip:many.test')).toHaveLength(16);
  });

  it('finds nothing when DNS fails, and hides no other error', async () => {
    const failing = (error: Error) => {
      const fail = () => Promise.reject(error);
      return { resolve4: fail, resolve6: fail, resolveSrv: fail, resolveNaptr: fail };
    };
    const uri = parseUri('sip:example.test') as SipUri;
    const refused = Object.assign(new Error('queryNaptr ESERVFAIL'), { code: 'ESERVFAIL' });
    expect(await locate(uri, failing(refused), Math.random)).toEqual([]);
    await expect(locate(uri, failing(new TypeError('a bug')), Math.random)).rejects.toThrow('a bug');
  });
});

describe('the order of SRV records (RFC 2782)', () => {
  const record = (name: string, priority: number, weight: number) => ({ name, priority, weight, port: 5060 });
  const names = (records: { name: string }[]) => records.map(({ name }) => name).join('');

  it('is by priority, then drawn by weight', () => {
    const records = [record('c', 2, 100), record('a', 1, 0), record('b', 1, 10)];
    expect(names(inOrderOfService(records, () => 0))).toBe('abc');
    expect(names(inOrderOfService(records, () => 0.999))).toBe('bac');
  });

  it('has each first as often as its weight says', () => {
    const records = [record('a', 1, 75), record('b', 1, 25), record('c', 1, 0)];
    let steps = 0;
    const evenly = () => (steps++ % 1000) / 1000;
    const first = { a: 0, b: 0, c: 0 };
    for (let count = 0; count < 3000; count++) first[names(inOrderOfService(records, evenly))[0] as 'a']++;
    expect(first.a / 3000).toBeCloseTo(0.75, 1);
    expect(first.b / 3000).toBeCloseTo(0.25, 1);
    expect(first.c).toBeGreaterThan(0);
  });
});
