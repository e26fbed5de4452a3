const TICK_MS = 100;
/** No collection of garbage takes so long: the process was stopped, or its machine was. ms */
const HANG_MS = 300;
/** What came meanwhile is read in the first turns. */
const AFTER_MS = 200;

/** Tells whether this process has hung just now: what it reads may be seconds old. */
export class HangClock {
  readonly #now: () => number;
  #tickedAt: number;
  #hungUntil = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(now = () => performance.now()) {
    this.#now = now;
    this.#tickedAt = now();
  }

  start(): void {
    this.#tickedAt = this.#now();
    this.#timer = setInterval(() => this.tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  tick(): void {
    const now = this.#now();
    if (now - this.#tickedAt > HANG_MS) this.#hungUntil = now + AFTER_MS;
    this.#tickedAt = now;
  }

  /** Also before the first tick behind the hang. */
  get hungJustNow(): boolean {
    const now = this.#now();
    return now - this.#tickedAt > HANG_MS || now < this.#hungUntil;
  }
}
