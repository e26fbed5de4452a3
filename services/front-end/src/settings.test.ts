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

it('wants times in order, and both halves of a certificate', () => {
  expect(() => readSettings(frontEndSettings, { databaseUrl, minExpires: '900' }, {})).toThrow(/min-expires/);
  expect(() => readSettings(frontEndSettings, { databaseUrl, tlsCert: 'x.pem' }, {})).toThrow(/tls-key/);
});
