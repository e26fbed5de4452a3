import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BackEnd, openBackEnd } from '@rollcall/back-end';

const MAIN = new URL('../../packages/cli/src/main.ts', import.meta.url).pathname;
export const DOMAIN = 'pool.test';

/** What `rollcall front-ends --json` says of one. */
export interface ListedFrontEnd {
  id: number;
  pid: number;
  state: 'serving' | 'draining' | 'dead';
  addresses: Record<'udp' | 'tcp' | 'tls' | 'ws' | 'http', string>;
  connections: number;
  endpoints: number;
}

/** `rollcall pool` as a process of its own, with accounts u1, u2, ... */
export interface LocalPool {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly data: string;
  /** Of the VIP. */
  readonly addresses: {
    tcp: string;
    tls: string;
    ws: string;
    http: string;
    https?: string;
    stats: string[];
    replicator?: string;
  };
  /** The back end as the command line has it, for what is asked many times a second. */
  readonly backEnd: BackEnd;
  frontEnds(): Promise<ListedFrontEnd[]>;
  /** Runs a command on this pool that must succeed. @returns what it prints */
  command(...args: string[]): Promise<string>;
  /** What the pool has written to stderr. */
  log(): string;
  /** @returns its exit status */
  stop(): Promise<number | null>;
}

export async function startLocalPool(accounts: number, flags: readonly string[] = []): Promise<LocalPool> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-pool-'));
  await chmod(folder, 0o711); // PostgreSQL may run as another user, who must get in
  const data = join(folder, 'data');
  const ports = ['--sip-port', '--sips-port', '--http-port'].flatMap((flag) =>
    flags.includes(flag) ? [] : [flag, '0'],
  );
  const args = ['pool', '--json', '--data', data, '--domain', DOMAIN, ...ports, ...flags];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const log: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
  const ready = await new Promise<{ addresses: LocalPool['addresses'] }>((resolve, reject) => {
    let written = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      if (written.includes('\n')) resolve(JSON.parse(written));
    });
    void ended.then(() => reject(new Error(`rollcall pool ended before it was ready:\n${log.join('')}`)));
  });
  const asked = flags[flags.indexOf('--database-url') + 1]!;
  const connection = flags.includes('--database-url') ? ['--database-url', asked] : ['--data', data];
  const command = (...words: string[]) => run([...words, ...connection]);
  if (accounts > 0) {
    await importAccounts(connection, accounts).catch((error) => {
      child.kill('SIGKILL'); // nobody else would end it
      throw error;
    });
  }
  const url = flags.includes('--database-url') ? asked : await urlOf(data);
  const backEnd = await openBackEnd({ databaseUrl: url, connections: 2 });
  return {
    ...ready,
    child,
    folder,
    data,
    backEnd,
    frontEnds: async () => JSON.parse(await command('front-ends', '--json')),
    command,
    log: () => log.join(''),
    async stop() {
      await backEnd.close();
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}

export function passwordOf(user: string): string {
  return `secret-${user}`;
}

async function run(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], { maxBuffer: 1 << 28 });
  return stdout;
}

async function urlOf(data: string): Promise<string> {
  return (JSON.parse(await readFile(join(data, 'connection.json'), 'utf8')) as { url: string }).url;
}

async function importAccounts(connection: readonly string[], count: number): Promise<void> {
  const child = spawn(process.execPath, [MAIN, 'account', 'import', '-', ...connection], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const users = Array.from({ length: count }, (_, index) => `u${index + 1}`);
  child.stdin.end(users.map((user) => `${user}@${DOMAIN},${passwordOf(user)}\n`).join(''));
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`the accounts could not be imported: status ${status}`);
}
