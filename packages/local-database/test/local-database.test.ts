import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderInUseError, LocalDatabaseError, NotRunningError, readConnection } from '../src/index.ts';
import { firstAnswer, folder, hold, parent, query, run, start } from './folder.ts';

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
