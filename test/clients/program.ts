import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ProgramResult {
  /** Exit status; null when it had to be killed. */
  status: number | null;
  /** stdout and stderr as they came. */
  output: string;
}

/** A client program that is running. */
export interface Program {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when its output matches. @throws with the output when it has not after `seconds`, or has ended */
  says(pattern: RegExp, seconds?: number): Promise<void>;
  readonly ended: Promise<ProgramResult>;
}

export interface ProgramOptions {
  cwd?: string;
  /** Killed after that long. */
  seconds: number;
  input?: string;
}

export function startProgram(command: string, args: readonly string[], options: ProgramOptions): Program {
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TERM: 'dumb', LC_ALL: 'C' },
    timeout: options.seconds * 1000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('latin1').on('data', (text: string) => {
      output += text;
    });
  }
  child.stdin.on('error', () => {}); // it need not read
  if (options.input !== undefined) child.stdin.write(options.input);
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, output }));
  return {
    child,
    output: () => output,
    ended,
    async says(pattern, seconds = 10) {
      const deadline = Date.now() + seconds * 1000;
      while (!pattern.test(output)) {
        if (Date.now() > deadline) throw new Error(`${command} has not said ${pattern} after ${seconds} s:\n${output}`);
        if (child.exitCode !== null) throw new Error(`${command} ended without saying ${pattern}:\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

/** Runs a client program to its end. */
export function runProgram(command: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const program = startProgram(command, args, options);
  if (options.input === undefined) program.child.stdin?.end();
  return program.ended;
}
