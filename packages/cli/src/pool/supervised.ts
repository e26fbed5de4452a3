import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Log } from '@rollcall/process';
import { CommandError } from '../command-error.ts';

const SETPRIV = '/usr/bin/setpriv';

/** Wait before a process that has failed is started again, ms: doubled each time, as long as it does not live a minute. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
const SETTLED = 60_000;

export interface SupervisedOptions {
  name: string;
  program: string;
  parameters: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Each line that it writes. */
  line(text: string): void;
  /** Resolves when it serves. */
  ready(child: ChildProcess): Promise<void>;
  log: Log;
}

/** A process of the pool: started again when it ends, ended with the pool, however that ends. */
export class Supervised {
  readonly #options: SupervisedOptions;
  #child: ChildProcess | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #stopping = false;
  #failures = 0;
  #lastLines: string[] = [];

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  get processId(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws CommandError with its last words when it ends before it is ready */
  async start(): Promise<void> {
    const child = this.#spawn();
    const ended = once(child, 'exit').then(() => {
      const words = this.#lastLines.join('\n');
      throw new CommandError(`${this.#options.name} did not start:\n${words}`);
    });
    try {
      await Promise.race([this.#options.ready(child), ended]);
    } catch (error) {
      await this.stop('SIGKILL');
      throw error;
    }
    ended.catch(() => {});
    child.once('exit', (status, signal) => this.#ended(status, signal));
    if (child.exitCode !== null || child.signalCode !== null) this.#ended(child.exitCode, child.signalCode);
  }

  /** Resolves when it has ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#waiting);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  #spawn(): ChildProcess {
    const { program, parameters, env = process.env, line, log, name } = this.#options;
    // A session of its own: the terminal's Ctrl-C is for the pool, which ends everything in order.
    const options: SpawnOptions = { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env };
    const child = existsSync(SETPRIV)
      ? spawn(SETPRIV, ['--pdeathsig', 'TERM', '--', program, ...parameters], options)
      : spawn(program, parameters, options);
    this.#child = child;
    child.on('error', (error) => log.error({ err: error }, `${name} could not be started`));
    for (const stream of [child.stdout!, child.stderr!]) {
      let held = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (held + text).split('\n');
        held = lines.pop()!;
        this.#lastLines = [...this.#lastLines, ...lines].slice(-10);
        for (const one of lines) line(one);
      });
    }
    return child;
  }

  #ended(status: number | null, signal: NodeJS.Signals | null): void {
    if (this.#stopping) return;
    const { log, name } = this.#options;
    this.#failures = status === 0 ? 0 : this.#failures + 1;
    const wait = status === 0 ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (this.#failures - 1));
    log.warn(`${name} has ended (${signal ?? `status ${status}`}); it is started again in ${wait} ms`);
    this.#waiting = setTimeout(() => {
      const child = this.#spawn();
      const settled = setTimeout(() => {
        this.#failures = 0;
      }, SETTLED);
      child.once('exit', (...end) => {
        clearTimeout(settled);
        this.#ended(...end);
      });
      void this.#options.ready(child).then(
        () => log.info(`${name} serves again`),
        () => {},
      );
    }, wait);
  }
}
