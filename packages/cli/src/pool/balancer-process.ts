import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Log } from '@rollcall/process';
import { CommandError } from '../command-error.ts';
import { Supervised } from './supervised.ts';

/** Debian puts it where only root's PATH leads. */
const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin` };

/** @throws CommandError when there is no HAProxy on the PATH, or it does not take this configuration */
export async function checkHaproxy(file: string): Promise<void> {
  try {
    await promisify(execFile)('haproxy', ['-c', '-q', '-f', file], { env: ENVIRONMENT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noHaproxy(error);
    throw new CommandError(`HAProxy refuses ${file}:\n${(error as { stderr: string }).stderr}`, { cause: error });
  }
}

/** @throws CommandError when there is no HAProxy on the PATH */
export async function requireHaproxy(): Promise<void> {
  await promisify(execFile)('haproxy', ['-v'], { env: ENVIRONMENT }).catch((error) => Promise.reject(noHaproxy(error)));
}

function noHaproxy(cause: unknown): CommandError {
  return new CommandError(
    'The pool needs HAProxy on the PATH, and there is none: apt-get install haproxy (2.4 or later).',
    { cause },
  );
}

/** One HAProxy. `serving`: an address that it listens on. */
export function balancerProcess(number: number, file: string, serving: { host: string; port: number }, log: Log) {
  return new Supervised({
    name: `balancer ${number}`,
    program: 'haproxy',
    parameters: ['-db', '-f', file],
    env: ENVIRONMENT,
    line: (text) => log.info(text),
    ready: async () => {
      while (!(await accepts(serving))) await sleep(20);
    },
    log,
  });
}

function accepts(address: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
