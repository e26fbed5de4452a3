import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { LocalDatabaseError } from './errors.ts';
import type { ServerProcesses } from './server-process.ts';

export const SUPERUSER = 'rollcall';

const passwordFile = (folder: string): string => join(folder, 'password');

/** Makes the database cluster (PostgreSQL's word for its data folder) unless it is there. Whatever interrupts it, the next start begins afresh. */
export async function prepareCluster(
  folder: string,
  dataFolder: string,
  binaries: Binaries,
  processes: ServerProcesses,
  log: (line: string) => void,
): Promise<{ password: string }> {
  const version = await readOptional(join(dataFolder, 'PG_VERSION'));
  if (version !== undefined) {
    await checkVersion(version.trim(), dataFolder, binaries, processes);
    return { password: (await readFile(passwordFile(folder), 'utf8')).trim() };
  }

  log(`making a new database in ${dataFolder}`);
  const password = randomBytes(24).toString('base64url');
  await removeLeftovers(folder);
  // A name of its own: the initdb of a start that was just killed is still cleaning up after itself.
  const temporary = `${dataFolder}.new-${randomBytes(4).toString('hex')}`;
  const temporaryPassword = `${temporary}.password`;
  await writeFile(passwordFile(folder), `${password}\n`, { mode: 0o600, flush: true });
  await writeFile(temporaryPassword, `${password}\n`, { mode: 0o600 });
  await mkdir(temporary, { mode: 0o700 });
  if (processes.user) {
    await chown(temporary, processes.user.uid, processes.user.gid);
    await chown(temporaryPassword, processes.user.uid, processes.user.gid);
  }
  try {
    await runProgram(processes, binaries.initdb, [
      `--pgdata=${temporary}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${temporaryPassword}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
      '--no-instructions',
    ]);
  } finally {
    await rm(temporaryPassword, { force: true });
  }
  await rename(temporary, dataFolder);
  await syncFolder(folder);
  return { password };
}

/** Of a first start that was interrupted. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('postgresql.new-'))
      await rm(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

async function checkVersion(
  found: string,
  dataFolder: string,
  binaries: Binaries,
  processes: ServerProcesses,
): Promise<void> {
  const output = await runProgram(processes, binaries.postgres, ['--version']);
  const version = /(\d+)(?:\.\S+)?\s*$/.exec(output)?.[1];
  if (version !== found) {
    throw new LocalDatabaseError(
      `${dataFolder} was written by PostgreSQL ${found}, and this is PostgreSQL ${version}. ` +
        `Start the version of Rollcall that wrote it, dump the database with pg_dump, and restore it into a new folder.`,
    );
  }
}

async function runProgram(processes: ServerProcesses, program: string, parameters: string[]): Promise<string> {
  const child = processes.spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) {
    throw new LocalDatabaseError(`${program} failed (${signal ?? `status ${code}`}):\n${output.join('').trim()}`);
  }
  return output.join('');
}

/** The new name survives a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync();
  await handle.close();
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
