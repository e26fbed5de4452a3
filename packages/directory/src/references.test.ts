import { startOpenLdap, type TestDirectory } from '@rollcall/test-kit';
import { type Client, Control } from 'ldapts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { follow } from './follower-for-tests.ts';

let directory: TestDirectory;
let admin: Client;
beforeAll(async () => {
  directory = await startOpenLdap({ users: 3 });
  admin = await directory.connect();
});
afterAll(() => directory?.stop());

/** Makes a branch that the server says is elsewhere. @returns its name */
async function refer(ou: string, url?: string): Promise<string> {
  const dn = `ou=${ou},${directory.base}`;
  const ref = url ?? `ldap://127.0.0.1:1/${dn}`;
  await admin.add(dn, { objectClass: ['referral', 'extensibleObject'], ou, ref });
  // ManageDsaIT (RFC 3296): what holds the reference, instead of what it leads to
  onTestFinished(() => admin.del(dn, new Control('2.16.840.1.113730.3.4.2', { critical: true })));
  return dn;
}

test('a base that is on another server is an error that says so', async () => {
  const base = await refer('elsewhere');
  await expect(follow(directory, { base })).rejects.toMatchObject({
    ...{ name: 'DirectoryError', code: 'referral', resultCode: 10 },
    message: expect.stringContaining('refers to another server: give that server in --directory-url'),
  });
});

describe.each(['openldap', 'other'] as const)('a branch that is on another server (%s)', (kind) => {
  test('is named, and all others are read', async () => {
    const branch = await refer('far');
    const follower = await follow(directory, { kind });
    expect(await follower.run({ full: true })).toEqual({ full: true, told: ['u00001', 'u00002', 'u00003'] });
    expect(follower.elsewhere).toEqual([branch]);
  });

  test.each([
    ['of another name there', 'ldap://127.0.0.1:1/ou=people,o=other'],
    ['whose name may be spelt otherwise here', 'ldap://127.0.0.1:1/ou=b%C3%BCro,dc=example,dc=test'],
    ['that is no LDAP', 'http://127.0.0.1:1/ou=far,dc=example,dc=test'],
  ])('%s may be any of the base', async (_, url) => {
    await refer('far', url);
    const follower = await follow(directory, { kind });
    await follower.run({ full: true });
    expect(follower.elsewhere).toEqual([directory.base]);
  });
});
