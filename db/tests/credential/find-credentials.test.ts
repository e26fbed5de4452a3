import { afterAll, beforeAll, expect, it } from 'vitest';
import { DOMAIN, type Fixture, HA1, openFixture } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

it('finds what is needed to verify a password, for many users at once', async () => {
  const [alice, bob] = await Promise.all([fixture.addAccount('alice'), fixture.addAccount('bob')]);
  const md5 = { MD5: '09'.repeat(16) };
  await fixture.backEnd.setPassword({ ...bob, ha1: md5 });
  const found = await Promise.all(
    [alice, { user: 'nobody', domain: DOMAIN }, bob].map((user) => fixture.backEnd.findCredentials(user)),
  );
  expect(found).toEqual([
    { accountId: alice.accountId, enabled: true, credentialVersion: 1, ha1: HA1, appPasswords: [] },
    undefined,
    { accountId: bob.accountId, enabled: true, credentialVersion: 2, ha1: md5, appPasswords: [] },
  ]);
});

it('tells user parts apart by case, and knows no other domain', async () => {
  const { user } = await fixture.addAccount('Carol');
  expect(await fixture.backEnd.findCredentials({ user: user.toLowerCase(), domain: DOMAIN })).toBeUndefined();
  expect(await fixture.backEnd.findCredentials({ user, domain: 'example.com' })).toBeUndefined();
});

it('says that an account is disabled', async () => {
  const alice = await fixture.addAccount('alice');
  await fixture.backEnd.setAccountEnabled({ ...alice, enabled: false });
  expect(await fixture.backEnd.findCredentials(alice)).toMatchObject({ enabled: false, credentialVersion: 2 });
});
