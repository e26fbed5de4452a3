import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { LocalDatabaseError } from './errors.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root: then it runs as this user. */
export interface ServerUser {
  uid: number;
  gid: number;
}

const NAMES = ['rollcall', 'postgres'];

/** Undefined unless we are root. The owner of the data stays; else the first of our names that exists, or a new user. */
export async function findServerUser(dataFolder: string): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(dataFolder).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of NAMES) {
    const user = await findUser(name);
    if (user) return user;
  }
  return createUser(NAMES[0]!);
}

async function findUser(name: string): Promise<ServerUser | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
    );
    return uid === 0 ? undefined : { uid: uid!, gid: gid! };
  } catch {
    return undefined;
  }
}

async function createUser(name: string): Promise<ServerUser> {
  try {
    const home = ['--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin'];
    await run('useradd', ['--system', '--user-group', ...home, name]);
  } catch (error) {
    // Another start may have made it at this moment.
    const user = await findUser(name);
    if (user) return user;
    throw new LocalDatabaseError(
      `PostgreSQL does not run as root, and the user "${name}" could not be created (${(error as Error).message.trim()}). ` +
        `Create it, or start as an ordinary user.`,
      { cause: error },
    );
  }
  return (await findUser(name))!;
}

/** Whether the user may enter every folder on the way to a path, as far as modes tell. */
export async function canReach(user: ServerUser, path: string): Promise<boolean> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if (!(mode & bit)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** An installation under a strict umask leaves programs to root alone. */
export async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program);
  if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
}
