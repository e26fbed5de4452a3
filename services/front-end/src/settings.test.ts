import { readSettings, SettingsError } from '@rollcall/process';
import { expect, it } from 'vitest';
import { frontEndSettings } from './settings.ts';

const databaseUrl = 'postgres://x';

it('has defaults that fit a first start, and reads lists', () => {
  expect(readSettings(frontEndSettings, { databaseUrl }, {})).toMatchObject({
    host: '127.0.0.1',
    sipPort: 5060,
    minExpires: 60,
    defaultExpires: 600,
    maxExpires: 3600,
    maxEndpoints: 8,
    digestAlgorithms: ['MD5'],
  });
  const env = { ROLLCALL_DATABASE_URL: databaseUrl, ROLLCALL_DIGEST_ALGORITHMS: 'SHA-256, MD5' };
  expect(readSettings(frontEndSettings, {}, env).digestAlgorithms).toEqual(['SHA-256', 'MD5']);
  expect(
    readSettings(frontEndSettings, { databaseUrl, digestIntegrity: 'false', domain: 'Example.ORG' }, {}),
  ).toMatchObject({
    digestIntegrity: false,
    domain: 'example.org',
  });
});

it('reports every mistake at once', () => {
  const wrong = { databaseUrl, sipPort: '70000', digestAlgorithms: 'SHA-1', maxEndpoints: '0' };
  const error = (() => {
    try {
      readSettings(frontEndSettings, wrong, {});
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(SettingsError);
  for (const flag of ['--sip-port', '--digest-algorithms', '--max-endpoints']) {
    expect((error as SettingsError).message).toContain(flag);
  }
});

it('reads the networks of balancers, and refuses what is none', () => {
  const read = (proxyNetworks: string) => readSettings(frontEndSettings, { databaseUrl, proxyNetworks }, {});
  const { proxyNetworks } = read('10.0.0.0/8, 192.0.2.1,2001:db8::/32');
  expect(proxyNetworks?.check('10.1.2.3')).toBe(true);
  expect(proxyNetworks?.check('192.0.2.1')).toBe(true);
  expect(proxyNetworks?.check('192.0.2.2')).toBe(false);
  expect(proxyNetworks?.check('2001:db8::5', 'ipv6')).toBe(true);
  for (const wrong of ['balancer', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.1,,10.0.0.2']) {
    expect(() => read(wrong)).toThrow(/--proxy-networks .*networks like 10\.0\.0\.0\/8/);
  }
});

it('wants times in order, and both halves of a certificate', () => {
  expect(() => readSettings(frontEndSettings, { databaseUrl, minExpires: '900' }, {})).toThrow(/min-expires/);
  expect(() => readSettings(frontEndSettings, { databaseUrl, tlsCert: 'x.pem' }, {})).toThrow(/tls-key/);
});

it('wants all of the TLS between front ends or nothing, and reads who is trusted', () => {
  const read = (flags: object) => readSettings(frontEndSettings, { databaseUrl, ...flags }, {});
  const files = { internalTlsCert: 'a.pem', internalTlsKey: 'b.pem', internalTlsCa: 'c.pem' };
  expect(read(files)).toMatchObject({ ...files, internalPort: 0, resolve: false });
  expect(() => read({ ...files, internalTlsCa: undefined })).toThrow(/internal-tls-ca, or none/);
  expect(read({ trustedNetworks: '10.0.0.0/8' }).trustedNetworks?.check('10.1.2.3')).toBe(true);
});

it('reads servers of names, and refuses what is none', () => {
  const read = (dnsServers: string) => readSettings(frontEndSettings, { databaseUrl, dnsServers }, {}).dnsServers;
  expect(read('10.0.0.2, 10.0.0.3:5353,2001:db8::53,[2001:db8::53]:54')).toHaveLength(4);
  for (const wrong of ['dns.example.org', '10.0.0.2:0', '10.0.0.2:99999', '10.0.0.2:', '10.0.0.2,,10.0.0.3']) {
    expect(() => read(wrong), wrong).toThrow(/--dns-servers/);
  }
});
