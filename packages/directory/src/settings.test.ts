import { readSettings, SettingsError, z } from '@rollcall/process';
import { expect, test } from 'vitest';
import { directoryShape, readDirectorySettings, replicatorShape } from './settings.ts';

const schema = z.object({ ...directoryShape, ...replicatorShape });
const read = (flags: Record<string, string>) => readDirectorySettings(readSettings(schema, flags, {}));
const bind = { directoryBindDn: 'cn=r,dc=example,dc=org', directoryPassword: 'hunter2' };

test('servers are read with commas or spaces between, in their order, with their usual ports', () => {
  const { servers } = read({ directoryUrl: 'ldaps://a.example.org, ldaps://b.example.org:1636 ldap://[::1]', ...bind });
  expect(servers).toEqual([
    { url: 'ldaps://a.example.org', host: 'a.example.org', port: 636, tls: true },
    { url: 'ldaps://b.example.org:1636', host: 'b.example.org', port: 1636, tls: true },
    { url: 'ldap://[::1]', host: '::1', port: 389, tls: false },
  ]);
});

test.each(['http://a.example.org', 'ldap://user:secret@a.example.org', 'ldap://a/dc=example', '', 'a.example.org'])(
  'a server "%s" is refused',
  (directoryUrl) => {
    expect(() => read({ directoryUrl, ...bind })).toThrow(SettingsError);
  },
);

test('a password in the clear is refused, but on this machine, with StartTLS, or when that was asked for', () => {
  const directoryUrl = 'ldap://ldap.example.org';
  expect(() => read({ directoryUrl, ...bind })).toThrow('--directory-start-tls');
  expect(() => read({ directoryUrl: 'ldap://192.0.2.1', ...bind })).toThrow('in the clear');
  expect(read({ directoryUrl, ...bind, directoryStartTls: 'true' }).startTls).toBe(true);
  expect(read({ directoryUrl, ...bind, directoryPlain: 'true' }).servers).toHaveLength(1);
  for (const host of ['localhost', '127.9.9.9', '[::1]']) read({ directoryUrl: `ldap://${host}:3890`, ...bind });
});

test('all mistakes are told together, and the password is not', () => {
  const wrong = () => read({ directoryCa: '/nowhere/ca.pem', directoryPasswordFile: '/nowhere/password' });
  expect(wrong).toThrow(/directory-ca.*ENOENT[\s\S]*directory-password-file.*ENOENT[\s\S]*directory-url.*missing/);
  expect(() => read({ directoryUrl: 'ldap://localhost', directoryPassword: 'hunter2' })).toThrow('--directory-bind-dn');
  expect(() => read({ directoryUrl: 'ldap://a.example.org', ...bind })).not.toThrow('hunter2');
});

test('a password file is read without the end of its line', async () => {
  const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
  const folder = await mkdtemp('/tmp/rollcall-directory-');
  await writeFile(`${folder}/password`, 'two words \n');
  const directoryPasswordFile = `${folder}/password`;
  const { password } = read({ directoryUrl: 'ldap://localhost', directoryBindDn: 'cn=r', directoryPasswordFile });
  await rm(folder, { recursive: true });
  expect(password).toBe('two words ');
});
