import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { findBinaries } from '../src/binaries.ts';
import { prepareServerProcesses } from '../src/server-process.ts';
import { exists, firstAnswer, folder, hold, isAlive, parent, query, run, start, until } from './folder.ts';

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
