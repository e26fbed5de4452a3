import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));

/** Where scripts/run keeps compiled code too: a command then starts in half the time. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL('../../../node_modules/.cache/compiled', import.meta.url));

export interface CommandResult {
  /** Exit status; null when a signal ended it. */
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  input?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** The process of one `rollcall` command, with this process's own Node. */
export function spawnRollcall(args: readonly string[], options: Omit<CommandOptions, 'input'> = {}) {
  return spawn(process.execPath, [MAIN, ...args], {
    env: options.env ?? { NODE_COMPILE_CACHE, ...process.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs `rollcall ARGS` to its end. */
export async function runRollcall(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = spawnRollcall(args, options);
  const result: CommandResult = { status: null, stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      result[name] += text;
    });
  }
  child.stdin.on('error', () => {}); // a command that fails early does not read its input
  child.stdin.end(options.input ?? '');
  [result.status] = await once(child, 'close');
  return result;
}
