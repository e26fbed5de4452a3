import { Client } from 'ldapts';
import { expect, onTestFinished, test } from 'vitest';
import { canRunSamba, startOpenLdap, startSamba, type TestDirectory } from './directory-server.ts';

async function countUsers(directory: TestDirectory): Promise<number> {
  const client = new Client({ url: directory.secureUrl, tlsOptions: { rejectUnauthorized: false } });
  try {
    await client.bind(directory.bind, directory.password);
    const { searchEntries } = await client.search(directory.users, { filter: '(cn=User 0*)', attributes: ['cn'] });
    return searchEntries.length;
  } finally {
    await client.unbind();
  }
}

test('OpenLDAP has its users, and what was changed after a crash and a restart', async () => {
  const directory = await startOpenLdap({ users: 7 });
  onTestFinished(() => directory.stop());
  expect(await countUsers(directory)).toBe(7);
  await (await directory.connect()).del(`uid=u00003,${directory.users}`);
  await directory.kill();
  await directory.start();
  expect(await countUsers(directory)).toBe(6);
  await directory.restart();
  expect(await countUsers(directory)).toBe(6);
});

test.skipIf(!canRunSamba)(
  'Samba has its users, and what was changed after a crash and a restart',
  async () => {
    const directory = await startSamba({ users: 3 });
    onTestFinished(() => directory.stop());
    expect(await countUsers(directory)).toBe(3);
    await (await directory.connect()).del(`CN=User 00002,${directory.users}`);
    await directory.kill();
    await directory.start();
    expect(await countUsers(directory)).toBe(2);
    await directory.restart();
    expect(await countUsers(directory)).toBe(2);
  },
  60_000,
);
