import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { spawnRollcall, type TestDirectory } from '@rollcall/test-kit';
import { openProxy, type TcpProxy } from './proxy.ts';

export interface ReplicaOptions {
  /** Of the replicator's login. */
  databaseUrl: string;
  directory: TestDirectory;
  flags: readonly string[];
}

/** A `rollcall user-replicator` as a process of its own, which reaches the database and the directory by ways that break on demand. */
export interface Replica {
  readonly child: ChildProcess;
  readonly proxies: readonly TcpProxy[];
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
  const proxies = [await openProxy(targetOf(database)), await openProxy(targetOf(ldap))];
  for (const [n, url] of [database, ldap].entries()) {
    url.hostname = proxies[n]!.host;
    url.port = String(proxies[n]!.port);
  }
  const child = spawnRollcall(
    [
      ...['user-replicator', '--http-port', '0', '--directory-url', `ldap://${ldap.host}`],
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
    ...{ child, proxies, output: () => output, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') },
    get running() {
      return running();
    },
  };
}

function targetOf(url: URL): { host: string; port: number } {
  return { host: url.hostname, port: Number(url.port) };
}
