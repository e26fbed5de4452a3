import { createLog } from '@rollcall/process';
import { createTestDatabase, openClient, type TestDatabase } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { roleLogin } from './role-login.ts';

// Roles belong to the whole server.
const DEPLOYER = `deployer_${process.pid}`;
const log = createLog({ level: 'silent' });

let database: TestDatabase;
let url: string;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(`create role ${DEPLOYER} login password 'secret' in role rollcall_owner`);
  const login = new URL(database.url);
  [login.username, login.password] = [DEPLOYER, 'secret'];
  url = login.href;
});
afterAll(async () => {
  await database.query(`drop role ${DEPLOYER}`);
  await database.drop();
});

async function roleOf(login: string): Promise<string> {
  const client = await openClient(login);
  const { rows } = await client.query('select current_user as role');
  await client.end();
  return rows[0].role;
}

it('front ends take the role of front ends, when the login of the pool may', async () => {
  await database.query(`grant rollcall_front_end to ${DEPLOYER}`);
  expect(await roleOf(await roleLogin(url, 'rollcall_front_end', log))).toBe('rollcall_front_end');
  const login = await roleLogin(`${url}?options=-c%20work_mem%3D1MB&application_name=mine`, 'rollcall_front_end', log);
  expect(await roleOf(login)).toBe('rollcall_front_end');
  expect(new URL(login).searchParams.get('options')).toContain('work_mem');
});

it('else they run as that login, and the log says how to change it', async () => {
  await database.query(`revoke rollcall_front_end from ${DEPLOYER}`);
  const lines: string[] = [];
  const heard = createLog({ level: 'warn', destination: { write: (line: string) => void lines.push(line) } as never });
  expect(await roleOf(await roleLogin(url, 'rollcall_front_end', heard))).toBe(DEPLOYER);
  expect(lines.join('')).toContain(`grant rollcall_front_end to ${DEPLOYER}`);
  expect(lines.join('')).not.toContain('secret');
});
