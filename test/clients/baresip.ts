import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Program, type ProgramResult, startProgram } from './program.ts';

const MODULES = '/usr/lib/baresip/modules';

export interface BaresipOptions {
  /** Where its configuration goes. */
  folder: string;
  /** A line of baresip's `accounts` file. */
  account: string;
  /** More lines of its `config` file. */
  config?: readonly string[];
  /** A line of its `contacts` file: whom it sends messages to. */
  contact?: string;
}

export interface Baresip extends Program {
  /** As a user ends it: it takes its registration away first. */
  quit(): Promise<ProgramResult>;
  /** kill -9 */
  kill(): Promise<void>;
}

/** Starts Debian's baresip, without sound, and with a trace of its SIP messages in its output. */
export async function startBaresip({ folder, account, config = [], contact = '' }: BaresipOptions): Promise<Baresip> {
  const home = await mkdtemp(join(folder, 'baresip-'));
  const lines = [
    `module_path ${MODULES}`,
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module g711.so',
    'module_app menu.so',
    'sip_listen 127.0.0.1:0',
    ...config,
  ];
  await writeFile(join(home, 'config'), `${lines.join('\n')}\n`);
  await writeFile(join(home, 'accounts'), `${account}\n`);
  await writeFile(join(home, 'contacts'), `${contact}\n`);
  const program = startProgram('baresip', ['-4', '-s', '-f', home], { seconds: 60 });
  const end = (signal: 'SIGINT' | 'SIGKILL') => {
    program.child.kill(signal);
    return program.ended;
  };
  return {
    ...program,
    quit: () => end('SIGINT'),
    kill: async () => void (await end('SIGKILL')),
  };
}
