import { Due, type Look } from './due.ts';

/** Watchers that want no more than one notification in a while (RFC 6446): where to look again, and when. */
export class HeldBack {
  readonly #due: Due;
  readonly #run: () => void;
  readonly #held = new Due();
  #until = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** What is due in time goes to `due`, and `run` is called. */
  constructor(due: Due, run: () => void) {
    this.#due = due;
    this.#run = run;
  }

  /** `until` in ms since the epoch. */
  hold(look: Look, until: number): void {
    this.#held.add(look);
    if (until >= this.#until) return;
    this.#until = until;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#release(), Math.max(1, until - Date.now()));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#until = Number.NEGATIVE_INFINITY;
  }

  #release(): void {
    this.#until = Number.POSITIVE_INFINITY;
    this.#held.moveTo(this.#due);
    this.#run();
  }
}
