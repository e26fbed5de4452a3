import { expect, test } from 'vitest';
import { choices, databaseUrl, port } from './setting-types.ts';
import { readSettings, SettingsError, z } from './settings.ts';

const schema = z.object({
  databaseUrl: databaseUrl(),
  sipPort: port().default(5060),
  digestAlgorithms: choices(['MD5', 'SHA-256']).default(['MD5']),
});
const url = 'postgres://u:hunter2@h/rollcall';

test('a flag wins over its variable, a variable over the default', () => {
  const env = { ROLLCALL_DATABASE_URL: url, ROLLCALL_SIP_PORT: '5070' };
  expect(readSettings(schema, {}, env).sipPort).toBe(5070);
  expect(readSettings(schema, { sipPort: '5080' }, env).sipPort).toBe(5080);
  expect(readSettings(schema, {}, { ...env, ROLLCALL_SIP_PORT: '' }).sipPort).toBe(5060);
});

test('a comma list is read', () => {
  expect(readSettings(schema, { databaseUrl: url, digestAlgorithms: 'SHA-256, MD5' }, {}).digestAlgorithms).toEqual([
    'SHA-256',
    'MD5',
  ]);
});

test('all mistakes are reported together, by flag and variable, with their source', () => {
  const read = () => readSettings(schema, { sipPort: '70000' }, { ROLLCALL_DIGEST_ALGORITHMS: 'MD5,MD4' });
  expect(read).toThrow(SettingsError);
  expect(read).toThrow(
    [
      '3 settings are wrong:',
      '  --database-url (ROLLCALL_DATABASE_URL) is missing.',
      '  --sip-port (ROLLCALL_SIP_PORT): must be a whole number from 0 to 65535, not "70000".',
      '  --digest-algorithms (ROLLCALL_DIGEST_ALGORITHMS): must be one or more of MD5, SHA-256, with commas between, not "MD5,MD4" (from ROLLCALL_DIGEST_ALGORITHMS).',
    ].join('\n'),
  );
});

test('a wrong secret is not repeated', () => {
  const read = () => readSettings(schema, { databaseUrl: 'hunter2' }, {});
  expect(read).toThrow('--database-url (ROLLCALL_DATABASE_URL): must be a URL like');
  expect(read).not.toThrow('hunter2');
});

test('a rule over several settings is told by the one that it names, given or not', () => {
  const ordered = z
    .object({ shortest: port().default(60), longest: port().default(3600) })
    .refine((s) => s.shortest <= s.longest, { error: 'must not be below --shortest', path: ['longest'] });
  expect(() => readSettings(ordered, { shortest: '4000' }, {})).toThrow(
    '--longest (ROLLCALL_LONGEST): must not be below --shortest.',
  );
});

test.each([
  ['abc', 'must be a number, not "abc"'],
  ['1.5', 'must be a whole number, not "1.5"'],
  ['-1', 'must be at least 0, not "-1"'],
  ['70000', 'must be at most 65535, not "70000"'],
])('what zod finds wrong with %s is told in plain words', (text, words) => {
  const plain = z.object({ sipPort: z.coerce.number().int().min(0).max(65_535) });
  expect(() => readSettings(plain, { sipPort: text }, {})).toThrow(`--sip-port (ROLLCALL_SIP_PORT): ${words}.`);
});

test('settings cannot be changed afterwards', () => {
  const settings = readSettings(schema, { databaseUrl: url }, {}) as { sipPort: number };
  expect(() => {
    settings.sipPort = 1;
  }).toThrow(TypeError);
});
