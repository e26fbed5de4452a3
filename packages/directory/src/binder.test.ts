import { createServer } from 'node:net';
import { canRunSamba, startOpenLdap, startSamba, type TestDirectory } from '@rollcall/test-kit';
import { Attribute, Change, type Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createBinder } from './binder.ts';
import { readDirectorySettings } from './settings.ts';
import type { Binder } from './types.ts';

const replace = (type: string, value: string) =>
  new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) });

function binderFor(directoryUrl: string[], directory?: TestDirectory, more = {}): Binder {
  const flags = { directoryUrl, directoryStartTls: false, directoryPlain: false, directoryTimeout: 1, ...more };
  const binder = createBinder(readDirectorySettings({ ...flags, directoryCa: directory?.ca }));
  onTestFinished(() => binder.close());
  return binder;
}

describe('OpenLDAP', () => {
  let directory: TestDirectory;
  let admin: Client;
  let user = (_number: number) => '';

  beforeAll(async () => {
    directory = await startOpenLdap({ users: 20 });
    admin = await directory.connect();
    user = (number) => `uid=u${`${number}`.padStart(5, '0')},${directory.users}`;
  });
  afterAll(() => directory?.stop());

  test.each([
    ['in the clear on this machine', () => directory.url, {}],
    ['with StartTLS', () => directory.url, { directoryStartTls: true }],
    ['with TLS', () => directory.secureUrl, {}],
  ])('a right password is told from a wrong one and an unknown name, %s', async (_, url, more) => {
    const binder = binderFor([url()], directory, more);
    expect(await binder.check(user(1), directory.password)).toBe('right');
    expect(await binder.check(user(1), 'guessed')).toBe('wrong');
    expect(await binder.check(user(1), directory.password)).toBe('right');
    expect(await binder.check(`uid=nobody,${directory.users}`, directory.password)).toBe('wrong');
    expect(await binder.check('no DN', directory.password)).toBe('wrong');
  });

  test('an empty password or name, which a server takes for a bind of nobody, is wrong', async () => {
    const binder = binderFor([directory.url]);
    expect(await binder.check(user(1), '')).toBe('wrong');
    expect(await binder.check('', directory.password)).toBe('wrong');
    expect(await binder.check('', '')).toBe('wrong');
  });

  test('who guesses too often is locked out, with the right password too', async () => {
    const binder = binderFor([directory.url]);
    for (let guess = 0; guess < 3; guess += 1) await binder.check(user(2), 'guessed');
    expect(await binder.check(user(2), directory.password)).toBe('locked');
  });

  test('who must change the password is told apart', async () => {
    const policy = `cn=must-change,${directory.base}`;
    const objectClass = ['applicationProcess', 'pwdPolicy'];
    await admin.add(policy, { objectClass, pwdAttribute: 'userPassword', pwdMustChange: 'TRUE' });
    await admin.modify(user(3), [replace('pwdPolicySubentry', policy), replace('pwdReset', 'TRUE')]);
    expect(await binderFor([directory.url]).check(user(3), directory.password)).toBe('must_change');
  });

  test('100 sign-ins at once are all answered', async () => {
    const binder = binderFor([directory.url], undefined, { directoryTimeout: 10 });
    const names = Array.from({ length: 100 }, (_, index) => user(4 + (index % 16)));
    const results = await Promise.all(names.map((name) => binder.check(name, directory.password)));
    expect(results.every((result) => result === 'right')).toBe(true);
  });

  test('a password does not go to a server whose certificate nobody vouches for', async () => {
    const binder = binderFor([directory.secureUrl]);
    await expect(binder.check(user(1), directory.password)).rejects.toMatchObject({ code: 'certificate' });
  });

  test('the second server answers while the first is down or hangs; then it is asked first', async () => {
    let connections = 0;
    const hangs = createServer(() => {
      connections += 1;
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void hangs.close());
    await expect.poll(() => hangs.listening).toBe(true);
    const { port } = hangs.address() as { port: number };
    const binder = binderFor(['ldap://127.0.0.1:1', `ldap://127.0.0.1:${port}`, directory.url]);
    expect(await binder.check(user(1), directory.password)).toBe('right');
    await Promise.all([1, 2, 3].map(() => binder.check(user(1), directory.password)));
    expect(connections).toBe(1);
    const alone = binderFor([`ldap://127.0.0.1:${port}`]);
    await expect(alone.check(user(1), directory.password)).rejects.toMatchObject({ code: 'timeout' });
  });

  test('a restarted server is asked anew, though connections were kept', async () => {
    const binder = binderFor([directory.url]);
    expect(await binder.check(user(1), directory.password)).toBe('right');
    await directory.kill();
    await expect(binder.check(user(1), directory.password)).rejects.toMatchObject({ code: 'unreachable' });
    await directory.start();
    expect(await binder.check(user(1), directory.password)).toBe('right');
  });
});

describe.skipIf(!canRunSamba)('Active Directory', () => {
  let directory: TestDirectory;
  let admin: Client;

  beforeAll(async () => {
    directory = await startSamba({ users: 5 });
    admin = await directory.connect();
  }, 120_000);
  afterAll(() => directory?.stop());

  test('its reasons are told apart: wrong, disabled, expired, must change', async () => {
    const binder = binderFor([directory.url], directory);
    const check = (name: string, password = directory.password) => binder.check(`${name}@example.test`, password);
    const dn = (number: number) => `CN=User 0000${number},${directory.users}`;
    await admin.modify(dn(2), replace('userAccountControl', '514'));
    await admin.modify(dn(3), replace('accountExpires', '131000000000000000'));
    await admin.modify(dn(4), replace('pwdLastSet', '0'));
    expect(await check('u00001')).toBe('right');
    expect(await check('u00001', 'guessed')).toBe('wrong');
    expect(await check('nobody')).toBe('wrong');
    expect(await check('u00002')).toBe('disabled');
    expect(await check('u00003')).toBe('expired');
    expect(await check('u00004')).toBe('must_change');
    expect(await binder.check(dn(1), directory.password)).toBe('right');
  });
});
