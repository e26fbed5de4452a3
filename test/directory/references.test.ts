import { startOpenLdap } from '@rollcall/test-kit';
import { expect, it, onTestFinished } from 'vitest';
import { addPerson } from './entries.ts';
import { createPoolDatabase, DOMAIN } from './pool-database.ts';
import { accountsOf, replicateOnce } from './replicator-process.ts';

it('who is in a branch that has moved to another server keeps the account, and the log names the branch', async () => {
  const directory = await startOpenLdap({ users: 20 });
  onTestFinished(() => directory.stop());
  const database = await createPoolDatabase();
  onTestFinished(() => database.drop());
  const admin = await directory.connect();
  const branch = `ou=branch,${directory.base}`;
  await admin.add(branch, { objectClass: 'organizationalUnit', ou: 'branch' });
  await addPerson(admin, branch, 'away', { mail: `away@${DOMAIN}` });
  await addPerson(admin, directory.users, 'leaver', { mail: `leaver@${DOMAIN}` });
  // One that does not name who was deleted.
  const once = () => replicateOnce({ database, directory, flags: ['--directory-kind', 'other', '--full'] });
  expect((await once()).status).toBe(0);

  for (const dn of [`uid=leaver,${directory.users}`, `uid=away,${branch}`, branch]) await admin.del(dn);
  const reference = {
    objectClass: ['referral', 'extensibleObject'],
    ou: 'branch',
    ref: `ldap://127.0.0.1:1/${branch}`,
  };
  await admin.add(branch, reference);
  const { status, stdout } = await once();
  expect(status, stdout).toBe(0);
  expect(stdout).toContain(`"branches":["${branch}"]`);
  const accounts = await accountsOf(database);
  expect(accounts.get(`away@${DOMAIN}`)).toMatchObject({ enabled: true });
  expect(accounts.get(`leaver@${DOMAIN}`)).toMatchObject({ enabled: false });
}, 60_000);
