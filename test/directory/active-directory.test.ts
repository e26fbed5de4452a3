import type { DirectoryStatus } from '@rollcall/back-end';
import { canRunSamba, startSamba, type TestDatabase, type TestDirectory } from '@rollcall/test-kit';
import type { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replaceAttribute } from './entries.ts';
import { createPoolDatabase, DOMAIN } from './pool-database.ts';
import { accountsOf, askReplicator, replicateOnce } from './replicator-process.ts';

const ENABLED = '512';
const DISABLED = '514';

/** One story: each run begins where the one before ended. */
describe.skipIf(!canRunSamba)('accounts follow Active Directory (Samba)', () => {
  let directory: TestDirectory;
  let admin: Client;
  let database: TestDatabase;
  beforeAll(async () => {
    directory = await startSamba({ users: 5 });
    admin = await directory.connect();
    database = await createPoolDatabase();
  }, 120_000);
  afterAll(async () => {
    await directory?.stop();
    await database?.drop();
  });

  const dnOf = (name: string, container = directory.users) => `CN=${name},${container}`;
  const modify = (dn: string, type: string, value: string) => replaceAttribute(admin, dn, type, value);

  /** Runs once and gives the accounts as `address state`. */
  async function follow(flags: string[] = []): Promise<string[]> {
    const ended = await replicateOnce({ database, directory, flags });
    expect(ended.status, ended.stdout + ended.stderr).toBe(0);
    const { run } = await askReplicator<DirectoryStatus>(database, 'status');
    expect(run.outcome).toBe('applied');
    return [...(await accountsOf(database))]
      .map(([name, { enabled }]) => `${name} ${enabled ? 'enabled' : 'disabled'}`)
      .sort();
  }
  const idOf = async (user: string) => (await accountsOf(database)).get(`${user}@${DOMAIN}`)?.id;

  it('at first: people get accounts; computers, Guest and krbtgt do not', async () => {
    const accounts = await follow();
    expect(accounts).toContain('u00001@example.test enabled');
    expect(accounts.filter((one) => /^(guest|krbtgt|administrator)/.test(one))).toEqual([]);
    expect(accounts.filter((one) => one.startsWith('u0000'))).toHaveLength(5);
  }, 60_000);

  it('a change of the address moves the same account, a rename and a move leave it', async () => {
    const before = await idOf('u00001');
    expect(before).toBeDefined();
    await modify(dnOf('User 00001'), 'msRTCSIP-PrimaryUserAddress', 'sip:alice@example.test');
    expect(await follow()).toContain('alice@example.test enabled');
    expect(await idOf('alice')).toBe(before);
    await admin.modifyDN(dnOf('User 00001'), 'CN=Alice');
    await admin.add(`OU=Sales,${directory.base}`, { objectClass: 'organizationalUnit' });
    await admin.modifyDN(dnOf('Alice'), dnOf('Alice', `OU=Sales,${directory.base}`));
    expect(await follow()).toContain('alice@example.test enabled');
    expect(await idOf('alice')).toBe(before);
  }, 60_000);

  it('who is disabled, or not enabled for SIP, is out; and back', async () => {
    // Five people: the guard would stop more than one at a time.
    await modify(dnOf('User 00002'), 'userAccountControl', DISABLED);
    expect(await follow()).toContain('u00002@example.test disabled');
    await modify(dnOf('User 00002'), 'userAccountControl', ENABLED);
    expect(await follow()).toContain('u00002@example.test enabled');
    await modify(dnOf('User 00004'), 'msRTCSIP-UserEnabled', 'FALSE');
    expect(await follow()).toContain('u00004@example.test disabled');
  }, 60_000);

  it('who is deleted is disabled, and removed when the grace is over', async () => {
    await admin.del(dnOf('User 00003'));
    expect(await follow()).toContain('u00003@example.test disabled');
    expect(await follow(['--directory-grace-days', '0'])).not.toContain('u00003@example.test disabled');
  }, 60_000);
});
