import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalDatabase, startLocalDatabase } from '@rollcall/local-database';
import { openClient, runRollcall } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
let database: LocalDatabase;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-deploy-'));
  database = await startLocalDatabase({ folder: join(folder, 'data') });
});
afterAll(async () => {
  await database?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('an operator deploys with passwords from files and a domain; both roles can then log in, with their rights alone', async () => {
  const secrets = { rollcall_front_end: join(folder, 'front-end'), rollcall_admin: join(folder, 'admin') };
  for (const [role, file] of Object.entries(secrets)) await writeFile(file, `password of ${role}\n`);
  const files = [
    '--front-end-password-file',
    secrets.rollcall_front_end,
    '--admin-password-file',
    secrets.rollcall_admin,
  ];
  const args = ['deploy', '--database-url', database.url, '--domain', 'Example.org', ...files];
  for (const _ of ['once', 'and again']) expect(await runRollcall(args)).toMatchObject({ status: 0 });

  const as = (role: string) => {
    const url = new URL(database.url);
    url.username = role;
    url.password = `password of ${role}`;
    return url.href;
  };
  const frontEnd = await openClient(as('rollcall_front_end'));
  expect((await frontEnd.query('select name from api.list_domains()')).rows).toEqual([{ name: 'example.org' }]);
  const refused = frontEnd.query("select * from api.remove_account('alice', 'example.org')");
  await expect(refused).rejects.toThrow(/permission denied/);
  await frontEnd.end();
  const listed = await runRollcall(['account', 'list', '--database-url', as('rollcall_admin')]);
  expect(listed).toMatchObject({ status: 0 });
});

test('a password file that is not there is named', async () => {
  const { status, stderr } = await runRollcall([
    ...['deploy', '--database-url', database.url, '--front-end-password-file', join(folder, 'none')],
  ]);
  expect(status).toBe(1);
  expect(stderr).toContain(join(folder, 'none'));
});
