import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Rollcall, runRollcall, startRollcall } from '@rollcall/test-kit';

export const DOMAIN = 'pool.test';

/** What `rollcall endpoints --json` says of one endpoint. */
export interface ListedEndpoint {
  account: string;
  uri: string;
  transport: string;
  receivedFrom: string;
  expiresIn: number;
  instance: string | null;
  regId: number | null;
  userAgent: string | null;
}

/** A Standard Edition as a newcomer starts it, with accounts u1, u2, ... that `rollcall account import` has made. */
export interface Edition {
  /** The running process; another one after `restart`. */
  readonly rollcall: Rollcall;
  /** For whatever the test needs; goes with the rest. */
  readonly folder: string;
  /** `rollcall endpoints --json`, of one account or of all. */
  endpoints(user?: string): Promise<ListedEndpoint[]>;
  /** Starts again on the same data, after the process has ended. */
  restart(): Promise<void>;
  /** @returns the exit status of the stopped process */
  stop(): Promise<number | null>;
}

export async function startEdition(accounts: number, flags: readonly string[] = []): Promise<Edition> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-edition-'));
  await chmod(folder, 0o711); // PostgreSQL may run as another user, who must get in
  const data = join(folder, 'data');
  const start = () => startRollcall({ data, args: ['--domain', DOMAIN, ...flags] });
  const remove = () => rm(folder, { recursive: true, force: true });
  let rollcall = await start().catch(async (error) => {
    await remove();
    throw error;
  });
  const users = Array.from({ length: accounts }, (_, index) => `u${index + 1}`);
  const input = users.map((user) => `${user}@${DOMAIN},${passwordOf(user)}\n`).join('');
  if (accounts > 0) await run(['account', 'import', '-', '--data', data], input);
  return {
    get rollcall() {
      return rollcall;
    },
    folder,
    async endpoints(user) {
      const of = user === undefined ? [] : [`sip:${user}@${DOMAIN}`];
      return JSON.parse(await run(['endpoints', ...of, '--json', '--data', data]));
    },
    async restart() {
      rollcall = await start();
    },
    async stop() {
      const status = rollcall.child.exitCode ?? (await rollcall.stop());
      await remove();
      return status;
    },
  };
}

/** Runs a command that must succeed. @returns what it prints */
async function run(args: string[], input?: string): Promise<string> {
  const { status, stdout, stderr } = await runRollcall(args, input === undefined ? {} : { input });
  if (status !== 0) throw new Error(`rollcall ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}

export function passwordOf(user: string): string {
  return `secret-${user}`;
}

/** The port of a `host:port`. */
export function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}
