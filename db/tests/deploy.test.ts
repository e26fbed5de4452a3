import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeployError, deploy, describeSchema, openBackEnd } from '../../packages/back-end/src/index.ts';
import { createTestDatabase, type TestDatabase } from '../../packages/test-kit/src/index.ts';

let database: TestDatabase;
const MIGRATIONS = (await readdir(new URL('../migrations/', import.meta.url))).sort();
const numbered = (offset: number) => String(MIGRATIONS.length + offset).padStart(4, '0');
const next = numbered(1);

/** A copy of db/ to change. */
let path: string;
let folder: URL;
beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  path = await mkdtemp(join(tmpdir(), 'rollcall-deploy-'));
  const source = new URL('../', import.meta.url);
  for (const name of ['migrations', 'procedures', 'roles.sql', 'grants.sql']) {
    await cp(new URL(name, source), join(path, name), { recursive: true });
  }
  folder = pathToFileURL(`${path}/`);
});
afterEach(async () => {
  await database.drop();
  await rm(path, { recursive: true });
});

const write = (file: string, text: string) => writeFile(join(path, file), text);
const deployHere = () => deploy({ databaseUrl: database.url, folder });
const pingSql = (returns: string, body: string) =>
  `create or replace function api.ping() returns ${returns} language sql as $$ ${body} $$;\n`;

it('makes everything at first, and changes nothing when repeated', async () => {
  const first = await deployHere();
  expect(first.migrations).toEqual(MIGRATIONS.map((file) => file.replace('.sql', '')));
  const schema = await describeSchema(database.url);
  expect(await deployHere()).toEqual({ ...first, migrations: [] });
  expect(await describeSchema(database.url)).toBe(schema);
});

it('makes the same of a database that was migrated step by step as of a new one', async () => {
  // The first migration as its deploy knew it: before the later ones, and with procedures that are gone since.
  const early = await mkdtemp(join(tmpdir(), 'rollcall-early-'));
  for (const [index, migration] of MIGRATIONS.entries()) {
    await cp(join(path, 'migrations', migration), join(early, 'migrations', migration));
    await cp(join(path, 'roles.sql'), join(early, 'roles.sql'));
    await writeFile(join(early, 'grants.sql'), '');
    await cp(join(path, 'procedures/account/account_id.sql'), join(early, 'procedures/account_id.sql'));
    await writeFile(join(early, 'procedures/ping.sql'), pingSql('int', `select ${index}`));
    await deploy({ databaseUrl: database.url, folder: pathToFileURL(`${early}/`) });
  }
  await rm(early, { recursive: true });
  await deployHere();

  const fresh = await createTestDatabase({ empty: true });
  await deploy({ databaseUrl: fresh.url });
  expect(await describeSchema(database.url)).toBe(await describeSchema(fresh.url));
  await fresh.drop();
});

it('may run twice at once', async () => {
  const outcomes = await Promise.all([deployHere(), deployHere()]);
  expect(outcomes.map(({ migrations }) => migrations.length).sort()).toEqual([0, MIGRATIONS.length]);
});

it('may run while front ends run: none of their calls fails', async () => {
  await deployHere();
  const backEnd = await openBackEnd({ databaseUrl: database.url });
  let running = true;
  const calls = (async () => {
    let count = 0;
    for (; running; count++) await backEnd.findCredentials({ user: 'alice', domain: 'example.org' });
    return count;
  })();
  for (let round = 0; round < 3; round++) await deployHere();
  running = false;
  expect(await calls).toBeGreaterThan(3);
  await backEnd.close();
});

describe('a mistake in a file', () => {
  it('is reported with file, line and column, and leaves nothing behind', async () => {
    await write(
      `migrations/${next}-mistake.sql`,
      "-- é\ncreate table data.some (id int);\nselect 'é', missing from data.domain;\n",
    );
    const error = await deployHere().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DeployError);
    expect((error as Error).message).toContain(`migrations/${next}-mistake.sql:3:13: column "missing" does not exist`);
    expect(await database.query("select from pg_namespace where nspname in ('data', 'api')")).toEqual([]);
  });

  it.each([
    ['a gap in the numbers', `migrations/${numbered(2)}-gap.sql`, '', `should be number ${MIGRATIONS.length + 1}`],
    ['a name without a number', 'migrations/more.sql', '', 'a migration is named'],
    [
      'a procedure under another name',
      'procedures/account/other.sql',
      pingSql('int', 'select 1'),
      'should hold "create or replace function api.other("',
    ],
  ])('is %s', async (_, file, text, message) => {
    await write(file, text);
    await expect(deployHere()).rejects.toThrow(message);
  });
});

describe('an applied migration', () => {
  it('may not change', async () => {
    await write(`migrations/${next}-some.sql`, 'create table data.some (id int);');
    await deployHere();
    await write(`migrations/${next}-some.sql`, 'create table data.some (id bigint);');
    await expect(deployHere()).rejects.toThrow(`migrations/${next}-some.sql: has changed since it was applied`);
  });

  it('may not be missing: the database is of a newer version', async () => {
    await write(`migrations/${next}-some.sql`, 'create table data.some (id int);');
    await deployHere();
    await rm(join(path, `migrations/${next}-some.sql`));
    await expect(deployHere()).rejects.toThrow(`migration ${next}-some is applied but not known here`);
  });
});

describe('a procedure', () => {
  it('is replaced, with another return type too, and dropped with its file', async () => {
    const answer = () => database.query('select api.ping() as answer');
    await write('procedures/ping.sql', pingSql('int', 'select 1'));
    await deployHere();
    await write('procedures/ping.sql', pingSql('text', "select 'two'"));
    await deployHere();
    expect(await answer()).toEqual([{ answer: 'two' }]);
    await rm(join(path, 'procedures/ping.sql'));
    await deployHere();
    await expect(answer()).rejects.toThrow('does not exist');
  });
});

it('may be run by the owner of the database who is no superuser, and who may start front ends from then on', async () => {
  await deployHere();
  // Roles belong to the whole server.
  const name = `deployer_${process.pid}`;
  await database.query(`create role ${name} login password 'secret' in role rollcall_owner`);
  await database.query(`grant rollcall_front_end to ${name} with admin true, inherit false, set false`);
  const login = new URL(database.url);
  [login.username, login.password] = [name, 'secret'];
  try {
    expect(await deploy({ databaseUrl: login.href, folder })).toMatchObject({ migrations: [] });
    const [row] = await database.query(`select pg_has_role('${name}', 'rollcall_front_end', 'set') as may`);
    expect(row).toEqual({ may: true });
  } finally {
    await database.query(`drop owned by ${name} cascade`);
    await database.query(`drop role ${name}`);
  }
});

it('lets the front-end role log in with the password it was given, and with no other', async () => {
  await deploy({ databaseUrl: database.url, frontEndPassword: 'front end of the tests' });
  const url = new URL(database.frontEndUrl);
  const client = await database.connect(url.href);
  expect((await client.query('select current_user as user')).rows).toEqual([{ user: 'rollcall_front_end' }]);
  url.password = 'another';
  await expect(database.connect(url.href)).rejects.toThrow('password authentication failed');
});
