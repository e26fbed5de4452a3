// The `rollcall` command: reads the command line, runs one command, says in a sentence what went wrong.
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { redactLine } from '@rollcall/process';
import { CommanderError } from 'commander';
import { explainError } from './explain-error.ts';
import { createProgram } from './program.ts';

// V8 learns from a busy moment which objects live long, and from then on makes all from these places old at birth. Requests die
// young again, but old ones are only collected in full: each holds on to its messages until then, and the young collections
// copy all of it. Without that guess a call takes 18% less CPU.
setFlagsFromString('--no-allocation-site-pretenuring');

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `rollcall account list | head` closes the pipe early; that is no failure.
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await run(process.argv.slice(2));

async function run(args: string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it
    const { sentence, status } = explainError(error);
    process.stderr.write(`${sentence}\n`);
    if (/--log-level[ =](debug|trace)/.test(args.join(' '))) process.stderr.write(`${redactLine(inspect(error))}\n`);
    return status;
  }
}
