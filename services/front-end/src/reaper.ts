import type { Log } from '@rollcall/process';

const SWEEP_MS = 1000;

export interface ReaperOptions {
  /** Removes expired endpoints, and front ends whose lease ran out. */
  reap(): Promise<void>;
  log: Log;
}

/**
 * Takes expired endpoints out of the back end. Every front end runs one, the back end lets one work at a time, and
 * nothing depends on it: what has expired is not seen any more even before it is removed.
 */
export class Reaper {
  readonly #options: ReaperOptions;
  #timer: NodeJS.Timeout | undefined;
  #sweep: Promise<void> | undefined;

  constructor(options: ReaperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#sweep ??= this.#run().finally(() => {
        this.#sweep = undefined;
      });
    }, SWEEP_MS);
  }

  /** Resolves when a sweep under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweep;
  }

  async #run(): Promise<void> {
    try {
      await this.#options.reap();
    } catch (error) {
      // The lease reports a back end that is away; this is only its echo.
      this.#options.log.debug({ err: error }, 'expired endpoints could not be removed');
    }
  }
}
