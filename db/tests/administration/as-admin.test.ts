import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Role, SessionReference } from '../../../packages/back-end/src/index.ts';
import { DOMAIN, type Fixture, HA1, openFixture } from '../fixture.ts';

let fixture: Fixture;
let admin: SessionReference;
let names = 0;
beforeAll(async () => {
  fixture = await openFixture();
  admin = await signedIn('admin');
});
afterAll(() => fixture.close());

async function signedIn(role: Role): Promise<SessionReference> {
  const added = await fixture.backEnd.addAccount({ user: `${role}${++names}`, domain: DOMAIN, role, ha1: HA1 });
  if (added.outcome !== 'added') throw new Error(added.outcome);
  const session = { accountId: added.accountId, credentialVersion: 1, sessionId: randomUUID() };
  const hashes = { familyHash: Buffer.alloc(32, 1), secretHash: Buffer.alloc(32, 2) };
  await fixture.backEnd.openSession({ ...session, ...hashes, lifetime: 600, maximum: 8 });
  return session;
}

const newUser = () => ({ user: `new${++names}`, domain: DOMAIN, ha1: HA1 });

it('an administrator adds, changes and removes an account', async () => {
  const { backEnd } = fixture;
  const carol = newUser();
  expect(await backEnd.addAccountAsAdmin(admin, carol)).toMatchObject({ outcome: 'added' });
  expect(await backEnd.addAccountAsAdmin(admin, carol)).toMatchObject({ outcome: 'exists' });
  expect(await backEnd.addAccountAsAdmin(admin, { ...carol, domain: 'else.where' })).toEqual({
    outcome: 'domain_unknown',
  });
  const version = async () => (await backEnd.findCredentials(carol))!;
  expect(await backEnd.changeAccountAsAdmin(admin, { ...carol, ha1: { MD5: '0a'.repeat(16) } })).toMatchObject({
    outcome: 'changed',
  });
  expect(await version()).toMatchObject({ credentialVersion: 2, ha1: { MD5: '0a'.repeat(16) }, enabled: true });
  const { user, domain } = carol;
  expect(await backEnd.changeAccountAsAdmin(admin, { user, domain, enabled: false })).toEqual({
    outcome: 'changed',
    removed: [],
    changed: [],
  });
  expect(await version()).toMatchObject({ credentialVersion: 3, enabled: false });
  expect(await backEnd.removeAccountAsAdmin(admin, carol)).toEqual({ outcome: 'removed', removed: [], changed: [] });
  expect(await backEnd.removeAccountAsAdmin(admin, carol)).toMatchObject({ outcome: 'account_unknown' });
  expect(await backEnd.changeAccountAsAdmin(admin, carol)).toMatchObject({ outcome: 'account_unknown' });
});

it('nobody else does, nor an administrator whose session was closed', async () => {
  const { backEnd } = fixture;
  const closed = await signedIn('admin');
  await backEnd.closeSession(closed);
  for (const who of [await signedIn('user'), closed, { ...admin, credentialVersion: 2 }]) {
    const carol = newUser();
    expect(await backEnd.addAccountAsAdmin(who, carol)).toEqual({ outcome: 'not_permitted' });
    await backEnd.addAccount(carol);
    expect(await backEnd.changeAccountAsAdmin(who, { ...carol, enabled: false })).toMatchObject({
      outcome: 'not_permitted',
    });
    expect(await backEnd.removeAccountAsAdmin(who, carol)).toMatchObject({ outcome: 'not_permitted' });
    expect(await backEnd.findCredentials(carol)).toMatchObject({ enabled: true, credentialVersion: 1 });
  }
});
