import { canRunSamba, startSamba, type TestDirectory } from '@rollcall/test-kit';
import type { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replaceAttribute } from './entries.ts';
import { DOMAIN } from './pool-database.ts';
import { type SigningIn, startSigningIn } from './signing-in.ts';

describe.runIf(canRunSamba)('people of an Active Directory', () => {
  let directory: TestDirectory;
  let admin: Client;
  let bed: SigningIn;
  beforeAll(async () => {
    directory = await startSamba({ users: 8 });
    admin = await directory.connect();
    bed = await startSigningIn(directory);
  }, 90_000);
  afterAll(async () => {
    await bed?.stop();
    await directory?.stop();
  });

  const user = (number: number) => `u0000${number}`;
  const replace = (number: number, type: string, ...values: string[]) =>
    replaceAttribute(admin, `CN=User 0000${number},${directory.users}`, type, ...values);
  const WRONG = { status: 401, body: { type: 'urn:rollcall:problem:credentials-wrong' } };

  it('sign in with its password, as what they are called there', async () => {
    expect(await bed.signIn(user(1), directory.password)).toMatchObject({
      status: 201,
      body: { user: `${user(1)}@${DOMAIN}` },
    });
  });

  it('are refused with a wrong password, when disabled there, and when unknown: one answer', async () => {
    expect(await bed.signIn(user(2), 'guessed')).toMatchObject(WRONG);
    expect(await bed.signIn('nobody', directory.password)).toMatchObject(WRONG);
    // Not replicated yet: the directory itself says so.
    await replace(3, 'userAccountControl', '514');
    expect(await bed.signIn(user(3), directory.password)).toMatchObject(WRONG);
    expect(await bed.pool.metric('rollcall_directory_binds_total{result="disabled"}')).toBe(1);
  });

  it('are told when their password has to be changed first', async () => {
    await replace(4, 'pwdLastSet', '0');
    expect(await bed.signIn(user(4), directory.password)).toMatchObject({
      status: 401,
      body: { type: 'urn:rollcall:problem:password-expired' },
    });
    expect(await bed.signIn(user(4), 'guessed')).toMatchObject(WRONG);
  });
});
