import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type Command, Option } from 'commander';
import { usageError } from '../command-error.ts';

export interface PasswordOptions {
  /** `--password P` */
  password?: string;
  /** `--password-stdin` */
  passwordStdin?: boolean;
}

export function addPasswordOptions(command: Command): Command {
  return command
    .addOption(new Option('--password <password>', 'its password; without a flag it is asked for'))
    .addOption(new Option('--password-stdin', 'read the password from stdin, so that no process list shows it'));
}

/** The password of an account command: from its flag, from stdin, or asked for on a terminal without showing it. */
export async function readPassword(
  options: PasswordOptions,
  account: string,
  input: NodeJS.ReadStream = process.stdin,
): Promise<string> {
  if (options.password !== undefined && options.passwordStdin)
    throw usageError('Give --password or --password-stdin, not both.');
  const password = options.password ?? (options.passwordStdin ? await readLine(input) : await ask(account, input));
  if (password === '') throw usageError('The password is empty.');
  if (/\p{Cc}/u.test(password)) throw usageError('A password cannot hold control characters.');
  return password;
}

async function readLine(input: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const chunk of input.setEncoding('utf8')) text += chunk;
  return text.replace(/\r?\n$/, '');
}

async function ask(account: string, input: NodeJS.ReadStream): Promise<string> {
  if (!input.isTTY) throw usageError('Give the password with --password P, or on stdin with --password-stdin.');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input, output: silent, terminal: true });
  const question = async (text: string) => {
    process.stderr.write(text);
    const answer = await terminal.question('');
    process.stderr.write('\n');
    return answer;
  };
  // Ctrl-C at the question ends the command; readline would swallow it.
  terminal.on('SIGINT', () => process.exit(130));
  try {
    const password = await question(`Password for ${account}: `);
    if (password !== (await question('Again: '))) throw usageError('The two passwords differ.');
    return password;
  } finally {
    terminal.close();
  }
}
