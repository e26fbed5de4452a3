import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBinaries } from '../src/binaries.ts';
import {
  FolderInUseError,
  type LocalDatabase,
  LocalDatabaseError,
  type LocalDatabaseOptions,
  NotRunningError,
  readConnection,
  startLocalDatabase,
} from '../src/index.ts';
import { prepareServerProcesses } from '../src/server-process.ts';

/** As a first start leaves it, to be copied: most tests need not wait for initdb. */
let template: string;
let parent: string;
let folder: string;
const children: ChildProcess[] = [];
const databases: LocalDatabase[] = [];
beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'rollcall-local-'));
  await (await startLocalDatabase({ folder: join(template, 'data') })).stop();
});
afterAll(() => rm(template, { recursive: true }));
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rollcall-local-'));
  folder = join(parent, 'data');
  await promisify(execFile)('cp', ['-a', join(template, 'data'), folder]);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const database of databases.splice(0)) await database.stop();
  await until(async () => !(await exists(join(folder, 'postgresql', 'postmaster.pid'))));
  await rm(parent, { recursive: true, force: true });
});

describe('the data', () => {
  it('survive a stop', async () => {
    const database = await start();
    await query(database.url, 'create table kept as select 1 as kept');
    await database.stop();
    const again = await start();
    expect(await query(again.url, 'select * from kept')).toEqual([{ kept: 1 }]);
    await again.stop();
  });

  it('survive a kill -9 of our process, with which PostgreSQL ends', async () => {
    const holder = await hold();
    await query(holder.url, 'create table kept as select 1 as kept');
    holder.child.kill('SIGKILL');
    await until(async () => !isAlive(holder.processId));
    const again = await start();
    expect(await query(again.url, 'select * from kept')).toEqual([{ kept: 1 }]);
    await again.stop();
  });

  it('survive a kill -9 of PostgreSQL', async () => {
    const holder = await hold();
    await query(holder.url, 'create table kept as select 1 as kept');
    process.kill(holder.processId, 'SIGKILL');
    await once(holder.child, 'exit');
    const again = await start();
    expect(await query(again.url, 'select * from kept')).toEqual([{ kept: 1 }]);
    await again.stop();
  });

  it('are made afresh when the first start was interrupted', async () => {
    await rm(folder, { recursive: true });
    const { child, lines } = run();
    for await (const line of lines) if (line.includes('making a new database')) break;
    await until(async () => (await readdir(folder)).some((name) => name.startsWith('postgresql.new-')));
    child.kill('SIGKILL');
    const database = await start();
    expect(
      await query(
        database.url,
        "select current_setting('data_checksums') as checksums, current_setting('fsync') as fsync",
      ),
    ).toEqual([{ checksums: 'on', fsync: 'on' }]);
    await database.stop();
  });

  it('of another major version are refused', async () => {
    await writeFile(join(folder, 'postgresql', 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(/was written by PostgreSQL 17, and this is PostgreSQL 18/);
  });
});

describe('a folder in use', () => {
  it('is refused with the process that uses it', async () => {
    const holder = await hold();
    const refused = start();
    await expect(refused).rejects.toThrow(FolderInUseError);
    await expect(refused).rejects.toThrow(`in use by process ${holder.child.pid}`);
    expect(await query(holder.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is refused to the same process too, until it has stopped', async () => {
    const database = await start();
    await expect(start()).rejects.toThrow(FolderInUseError);
    await database.stop();
    await (await start()).stop();
  });

  it('goes to exactly one of several that start at once', async () => {
    const answers = await Promise.all([run(), run(), run()].map(({ lines }) => firstAnswer(lines)));
    expect(answers.filter((answer) => 'url' in answer)).toHaveLength(1);
    expect(answers.filter((answer) => answer.error === 'FolderInUseError')).toHaveLength(2);
  });
});

describe('a PostgreSQL that an earlier start left behind', () => {
  it('is stopped first', async () => {
    await chmod(parent, 0o711);
    const dataFolder = join(folder, 'postgresql');
    const { user } = await prepareServerProcesses(findBinaries(), dataFolder);
    const parameters = ['-D', dataFolder, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${dataFolder}`];
    const orphan = spawn(findBinaries().postgres, parameters, { ...user, cwd: '/', detached: true, stdio: 'ignore' });
    const ended = once(orphan, 'exit');
    await until(() => exists(join(dataFolder, 'postmaster.pid')));
    await sleep(200);

    const log: string[] = [];
    const database = await start({ log: (line) => log.push(line) });
    await ended;
    expect(log).toEqual([`stopping the PostgreSQL (process ${orphan.pid}) that an earlier start left behind`]);
    await database.stop();
  });

  it('is not mistaken for another process that has got its number', async () => {
    await writeFile(join(folder, 'postgresql', 'postmaster.pid'), `${process.pid}\n${folder}/postgresql\n`);
    await (await start()).stop();
  });
});

it('keeps running through a Ctrl-C, which goes to the whole process group, until our process stops it', async () => {
  const holder = await hold();
  process.kill(-holder.child.pid!, 'SIGINT');
  expect(await firstAnswer(holder.lines)).toEqual({ signal: 'SIGINT' });
  await sleep(200);
  expect(await query(holder.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  holder.child.kill('SIGTERM');
  await once(holder.child, 'exit');
  expect(isAlive(holder.processId)).toBe(false);
});

describe('other commands', () => {
  it('find the database while it runs, by files that only the owner can read', async () => {
    const database = await start();
    expect(await readConnection(folder)).toEqual({ url: database.url, processId: process.pid });
    for (const name of ['connection.json', 'password', 'postgresql.log']) {
      expect((await stat(join(folder, name))).mode & 0o777, name).toBe(0o600);
    }
    await database.stop();
    await expect(readConnection(folder)).rejects.toThrow(NotRunningError);
  });

  it('find nothing after a kill -9', async () => {
    const holder = await hold();
    holder.child.kill('SIGKILL');
    await once(holder.child, 'exit');
    await expect(readConnection(folder)).rejects.toThrow(NotRunningError);
  });
});

it('lets nobody in without the password, and listens on loopback only', async () => {
  const database = await start();
  const url = new URL(database.url);
  url.password = 'guess';
  await expect(query(url.href, 'select 1')).rejects.toThrow('password authentication failed');
  const shown = await query(
    database.url,
    "select current_setting('listen_addresses') as tcp, current_setting('unix_socket_directories') as unix",
  );
  expect(shown).toEqual([{ tcp: '127.0.0.1', unix: '' }]);
  await database.stop();
});

it('says when its port is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const refused = start({ port });
  await expect(refused).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`);
  other.close();
  const database = await start({ port });
  expect(new URL(database.url).port).toBe(String(port));
  await database.stop();
});

it('says what PostgreSQL says when it does not start', async () => {
  const refused = start({ settings: { shared_buffers: 'much' } });
  await expect(refused).rejects.toThrow(LocalDatabaseError);
  await expect(refused).rejects.toThrow('invalid value for parameter "shared_buffers"');
});

describe.skipIf(process.getuid?.() !== 0)('as root', () => {
  it('runs PostgreSQL as another user, also in a folder that only root may enter', async () => {
    expect((await stat(parent)).mode & 0o777).toBe(0o700);
    const database = await start();
    const status = await readFile(`/proc/${database.processId}/status`, 'utf8');
    expect(Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])).not.toBe(0);
    // CAP_DAC_READ_SEARCH and nothing else: to pass through.
    expect(/^CapEff:\s+(\S+)/m.exec(status)?.[1]).toBe('0000000000000004');
    expect((await stat(join(folder, 'postgresql'))).mode & 0o777).toBe(0o700);
    await database.stop();
  });
});

async function start(options: Omit<LocalDatabaseOptions, 'folder'> = {}): Promise<LocalDatabase> {
  const database = await startLocalDatabase({ folder, ...options });
  databases.push(database);
  return database;
}

interface Holder {
  child: ChildProcess;
  lines: AsyncIterableIterator<string>;
  url: string;
  processId: number;
}

/** A process of its own that holds the folder. */
async function hold(): Promise<Holder> {
  const { child, lines } = run();
  const answer = await firstAnswer(lines);
  return { child, lines, url: String(answer.url), processId: Number(answer.processId) };
}

function run(): { child: ChildProcess; lines: AsyncIterableIterator<string> } {
  const program = fileURLToPath(new URL('hold-folder.ts', import.meta.url));
  // A process group of its own, as a shell's job has.
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  children.push(child);
  return { child, lines: createInterface(child.stdout!)[Symbol.asyncIterator]() };
}

async function firstAnswer(lines: AsyncIterableIterator<string>): Promise<Record<string, unknown>> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) return {};
    const answer = JSON.parse(value) as Record<string, unknown>;
    if (!('line' in answer)) return answer;
  }
}

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(10);
}
