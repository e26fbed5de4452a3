import { createTask, type ScheduledTask } from 'node-cron';

/** Instead of a cron expression: as soon as something changes, or each second where the directory cannot tell. */
export const CONTINUOUS = 'continuous';

const SILENT = { info() {}, warn() {}, error() {}, debug() {} };

/** When runs begin, and when one compares everything. Times are those of the machine's time zone. */
export class Schedule {
  readonly #runs: ScheduledTask | undefined;
  readonly #full: ScheduledTask;
  #waiting: (() => void) | undefined;
  /** When a full comparison was last to begin. */
  #fullAt: Date | undefined;

  /** @param options cron expressions of five or six fields */
  constructor(options: { runs: string; full: string }) {
    if (options.runs !== CONTINUOUS) this.#runs = task(options.runs, () => this.wake());
    this.#full = task(options.full, () => {
      this.#fullAt = new Date();
      this.wake();
    });
  }

  start(): void {
    for (const one of [this.#runs, this.#full]) void one?.start();
  }

  async stop(): Promise<void> {
    for (const one of [this.#runs, this.#full]) await one?.destroy();
    this.wake();
  }

  /** Resolves when a run is to begin, for one caller at a time. What was due while one went on has passed. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Ends the wait. */
  wake(): void {
    this.#waiting?.();
  }

  /** Whether everything is to be compared: the time for it has come since, or it is longer ago than it may be. */
  fullIsDue(lastFullAt: Date | undefined, now: Date): boolean {
    if (lastFullAt === undefined) return true;
    if (this.#fullAt !== undefined && lastFullAt < this.#fullAt) return true;
    const [first, second] = this.#full.getNextRuns(2);
    return first !== undefined && second !== undefined && +now - +lastFullAt > +second - +first;
  }
}

function task(expression: string, tick: () => void): ScheduledTask {
  return createTask(expression, tick, { logger: SILENT, suppressMissedWarning: true, unref: true });
}
