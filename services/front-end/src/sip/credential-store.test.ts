import type { Credentials } from '@rollcall/back-end';
import { beforeEach, expect, it } from 'vitest';
import { CredentialStore } from './credential-store.ts';

const ALICE = { user: 'alice', domain: 'example.org' };
const NAME = 'alice@example.org';

let inBackEnd: Credentials | undefined;
let asked: number;
let store: CredentialStore;
beforeEach(() => {
  inBackEnd = credentials('old', 1);
  asked = 0;
  store = new CredentialStore(async () => {
    asked++;
    return inBackEnd;
  });
});

it('asks once for what is right, and then knows', async () => {
  for (let time = 0; time < 3; time++) expect((await signIn('old'))?.credentialVersion).toBe(1);
  expect(asked).toBe(1);
});

it('asks for each wrong password, and looks once at what it has', async () => {
  await signIn('old');
  for (let time = 0; time < 3; time++) expect(await signIn('wrong')).toBeUndefined();
  expect(asked).toBe(4);
});

it('takes a new password at once, and the old one until the back end says that it is not valid any more', async () => {
  await signIn('old');
  inBackEnd = credentials('new', 2);
  expect((await signIn('old'))?.credentialVersion).toBe(1);
  store.forget(NAME);
  expect(await signIn('old')).toBeUndefined();
  expect((await signIn('new'))?.credentialVersion).toBe(2);
});

it('finds out by itself when the new password comes first', async () => {
  await signIn('old');
  inBackEnd = credentials('new', 2);
  expect((await signIn('new'))?.credentialVersion).toBe(2);
  expect(await signIn('old')).toBeUndefined();
});

it('knows nothing of accounts that are not there, and looks once for them too', async () => {
  inBackEnd = undefined;
  let looked = 0;
  const isRight = () => {
    looked++;
    return false;
  };
  expect(await store.verify(NAME, ALICE, isRight)).toBeUndefined();
  expect([asked, looked]).toEqual([1, 1]);
});

function signIn(password: string): Promise<Credentials | undefined> {
  let looked = 0;
  return store.verify(NAME, ALICE, (found) => {
    if (found?.ha1.MD5 === password) return true;
    looked++;
    expect(looked, 'looks at two versions at most').toBeLessThanOrEqual(2);
    return false;
  });
}

function credentials(md5: string, credentialVersion: number): Credentials {
  return { accountId: 1, enabled: true, credentialVersion, ha1: { MD5: md5 } };
}
