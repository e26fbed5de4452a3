import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type ListedAccount, openBackEnd } from '@rollcall/back-end';
import { runRollcall, spawnRollcall, type TestDatabase, type TestDirectory } from '@rollcall/test-kit';

export interface ReplicatorOptions {
  database: TestDatabase;
  directory: TestDirectory;
  flags?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

/** A replica as an operator starts it, as a process of its own. */
export interface ReplicatorProcess {
  readonly child: ChildProcess;
  /** `host:port` of health and metrics. */
  readonly address: string;
  /** What it has written. */
  output(): string;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export async function startReplicator(options: ReplicatorOptions): Promise<ReplicatorProcess> {
  const { database, flags = [] } = options;
  const own = ['--database-url', database.replicatorUrl, '--http-port', '0'];
  const child = spawnRollcall(['user-replicator', ...own, ...directoryFlags(options.directory), ...flags], {
    env: environment(options),
  });
  const ended = once(child, 'exit');
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await ended;
  };
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const address = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said += `${line}\n`;
      if (line.includes('"address"') && line.includes('"ready"')) resolve(JSON.parse(line).address);
    });
    void ended.then(() => reject(new Error(`rollcall user-replicator ended:\n${said}`)));
  });
  return { child, address, output: () => said, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

/** `rollcall user-replicator --once` */
export async function replicateOnce(options: ReplicatorOptions) {
  const { database, directory, flags = [] } = options;
  const own = ['--once', '--database-url', database.replicatorUrl, ...directoryFlags(directory)];
  return await runRollcall(['user-replicator', ...own, ...flags], { env: environment(options) });
}

function directoryFlags({ url, bind, ca }: TestDirectory): string[] {
  return ['--directory-url', url, '--directory-bind-dn', bind, '--directory-ca', ca];
}

function environment({ directory, env = {} }: ReplicatorOptions): NodeJS.ProcessEnv {
  return { ...process.env, ROLLCALL_DIRECTORY_PASSWORD: directory.password, ...env };
}

/** `rollcall replicator COMMAND --json` */
export async function askReplicator<T>(database: TestDatabase, ...command: string[]): Promise<T> {
  const { status, stdout, stderr } = await runRollcall([
    'replicator',
    ...command,
    '--json',
    '--database-url',
    database.url,
  ]);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

/** The accounts by address; up to a page of them. */
export async function accountsOf(database: TestDatabase): Promise<Map<string, ListedAccount>> {
  const backEnd = await openBackEnd({ databaseUrl: database.url, connections: 1 });
  const accounts = await backEnd.listAccounts().finally(() => backEnd.close());
  return new Map(accounts.map((account) => [`${account.user}@${account.domain}`, account]));
}
