import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { spawnRollcall, type TestDirectory } from '@rollcall/test-kit';
import { openProxy, type TcpProxy } from './proxy.ts';

export interface ReplicaOptions {
  /** Of the replicator's login. */
  databaseUrl: string;
  directory: Pick<TestDirectory, 'url' | 'base' | 'bind' | 'password'>;
  flags: readonly string[];
}

/** A `rollcall user-replicator` as a process of its own, which reaches the database and the directory by ways that break on demand. */
export interface Replica {
  readonly child: ChildProcess;
  /** To the database and to the directory. */
  readonly proxies: readonly [TcpProxy, TcpProxy];
  /** Of the directory, as the replica has it. */
  readonly directoryUrl: string;
  readonly running: boolean;
  /** The end of what it has written. */
  output(): string;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const KEPT = 20_000;

export async function startReplica({ databaseUrl, directory, flags }: ReplicaOptions): Promise<Replica> {
  const [database, ldap] = [new URL(databaseUrl), new URL(directory.url)];
  const proxies = [await openProxy(targetOf(database)), await openProxy(targetOf(ldap))] as const;
  database.host = `${proxies[0].host}:${proxies[0].port}`;
  const directoryUrl = `${ldap.protocol}//${proxies[1].host}:${proxies[1].port}`;
  const child = spawnRollcall(
    [
      ...['user-replicator', '--http-port', '0', '--directory-url', directoryUrl],
      ...['--directory-base', directory.base, '--directory-bind-dn', directory.bind, ...flags],
    ],
    {
      env: {
        ...process.env,
        ROLLCALL_DATABASE_URL: database.href,
        ROLLCALL_DIRECTORY_PASSWORD: directory.password,
        ROLLCALL_LOG_LEVEL: 'info',
      },
    },
  );
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output = (output + text).slice(-KEPT);
    });
  }
  const running = () => child.exitCode === null && child.signalCode === null;
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (running()) child.kill(signal);
    await exited;
    for (const proxy of proxies) await proxy.close();
  };
  return {
    ...{ child, proxies, directoryUrl, output: () => output, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') },
    get running() {
      return running();
    },
  };
}

function targetOf(url: URL): { host: string; port: number } {
  return { host: url.hostname, port: Number(url.port) };
}
