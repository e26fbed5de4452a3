import { startOpenLdap, type TestDirectory } from '@rollcall/test-kit';
import type { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replaceAttribute } from './entries.ts';
import { DOMAIN } from './pool-database.ts';
import { type SigningIn, startSigningIn } from './signing-in.ts';

let directory: TestDirectory;
let admin: Client;
let bed: SigningIn;
beforeAll(async () => {
  directory = await startOpenLdap({ users: 30 });
  admin = await directory.connect();
  bed = await startSigningIn(directory);
}, 60_000);
afterAll(async () => {
  await bed?.stop();
  await directory?.stop();
});

const modify = (user: string, type: string, ...values: string[]) =>
  replaceAttribute(admin, `uid=${user},${directory.users}`, type, ...values);
const binds = (result: string) => bed.pool.metric(`rollcall_directory_binds_total{result="${result}"}`);

describe('nobody is let in', () => {
  it('with a wrong password, an empty one, disabled here, or unknown: one answer, and the directory is asked each time', async () => {
    const [user, disabled] = [bed.somebody(), bed.somebody()];
    await bed.pool.backEnd.setAccountEnabled({ user: disabled, domain: DOMAIN, enabled: false });
    await bed.pool.backEnd.addAccount({ user: 'by-hand', domain: DOMAIN, ha1: { MD5: '00'.repeat(16) } });
    const before = await binds('wrong');
    const answers = [];
    for (const [name, password] of [
      [user, 'guessed'],
      [user, ''],
      [disabled, directory.password],
      ['nobody', directory.password],
      ['by-hand', directory.password],
    ] as const) {
      const { status, body } = await bed.signIn(name, password);
      answers.push(JSON.stringify({ status, body }));
    }
    const body = { type: 'urn:rollcall:problem:credentials-wrong', title: 'Credentials wrong', status: 401 };
    expect(new Set(answers)).toEqual(new Set([JSON.stringify({ status: 401, body })]));
    expect((await binds('wrong')) - before).toBe(5);
  });

  it('when the directory has locked the account out, even with the right password', async () => {
    const user = bed.somebody();
    for (let tries = 0; tries < 3; tries++) expect((await bed.signIn(user, 'guessed')).status).toBe(401);
    expect((await bed.signIn(user, directory.password)).status).toBe(401);
    expect(await binds('locked')).toBeGreaterThan(0);
  });

  it('when the directory wants another password, and is told so', async () => {
    const user = bed.somebody();
    await admin.add(`cn=must-change,${directory.base}`, {
      ...{ objectClass: ['applicationProcess', 'pwdPolicy'], cn: 'must-change' },
      ...{ pwdAttribute: 'userPassword', pwdMustChange: 'TRUE' },
    });
    await modify(user, 'pwdPolicySubentry', `cn=must-change,${directory.base}`);
    await modify(user, 'pwdReset', 'TRUE');
    const refused = await bed.signIn(user, directory.password);
    expect(refused).toMatchObject({ status: 401, body: { type: 'urn:rollcall:problem:password-expired' } });
    expect((await bed.signIn(user, 'guessed')).body.type).toBe('urn:rollcall:problem:credentials-wrong');
  });

  it('while too many tries were wrong: then the directory is not asked, so that it locks nobody out', async () => {
    const asked = async () => (await binds('wrong')) + (await binds('locked')) + (await binds('right'));
    const user = bed.somebody();
    // Somebody who has signed in is slowed for the directory alone.
    expect((await bed.signIn(user, directory.password)).status).toBe(201);
    for (let tries = 0; tries < 5; tries++) expect((await bed.signIn(user, 'guessed')).status).toBe(401);
    const before = await asked();
    const slowed = await bed.signIn(user, directory.password);
    expect(slowed).toMatchObject({ status: 429, body: { type: 'urn:rollcall:problem:too-many-attempts' } });
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(30);
    expect(await asked()).toBe(before);
  });
});
