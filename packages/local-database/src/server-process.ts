import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Binaries } from './binaries.ts';
import { LocalDatabaseError } from './errors.ts';
import { canReach, findServerUser, makeExecutable, type ServerUser } from './server-user.ts';

/** Runs PostgreSQL's programs as the right user. */
export interface ServerProcesses {
  /** Undefined: this process's own user. */
  readonly user: ServerUser | undefined;
  spawn(program: string, parameters: string[], options: SpawnOptions): ChildProcess;
}

const SETPRIV = '/usr/bin/setpriv';

/** setpriv (util-linux) drops root's rights, and has the kernel stop PostgreSQL when this process ends, however it ends. */
export async function prepareServerProcesses(binaries: Binaries, dataFolder: string): Promise<ServerProcesses> {
  const user = await findServerUser(dataFolder);
  const hasSetpriv = process.platform === 'linux' && (await exists(SETPRIV));
  // SIGINT: a fast shutdown, in good order.
  const privileges = hasSetpriv ? ['--pdeathsig', 'INT'] : [];
  if (user) {
    for (const program of Object.values(binaries)) await makeExecutable(program);
    const reachable = (await canReach(user, dataFolder)) && (await canReach(user, realpathSync(binaries.postgres)));
    if (!reachable && !hasSetpriv) throw unreachable(dataFolder);
    privileges.push('--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups');
    // Below a folder that only root may enter (a checkout in /root): PostgreSQL may pass through, and nothing else.
    if (!reachable) privileges.push('--inh-caps', '-all,+dac_read_search', '--ambient-caps', '+dac_read_search');
  }

  return {
    user,
    spawn: (program, parameters, options) => {
      // A session of its own: the terminal's Ctrl-C is for this process, which stops PostgreSQL last.
      // The working folder must be one that the other user may enter.
      const common: SpawnOptions = { ...options, detached: true, cwd: '/', env: environment() };
      if (hasSetpriv) return spawn(SETPRIV, [...privileges, '--', program, ...parameters], common);
      return spawn(program, parameters, { ...common, ...user });
    },
  };
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}

function unreachable(folder: string): LocalDatabaseError {
  return new LocalDatabaseError(
    `PostgreSQL does not run as root, and no other user may enter the folders above ${folder}. ` +
      `Name a folder that others may enter (such as /var/lib/rollcall), or install setpriv (util-linux).`,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
