const IN_A_ROW = 5;
const LEFT_OUT_MS = 30_000;

/** Counts the failures of one application in a row, and says when it is to be left out. */
export class Failures {
  #inARow = 0;
  #until = Number.NEGATIVE_INFINITY;

  succeeded(): void {
    this.#inARow = 0;
  }

  /** @returns whether it is left out from now on. After its time one more failure is enough. */
  failed(now: number): boolean {
    this.#inARow += 1;
    if (this.#inARow < IN_A_ROW || now < this.#until) return false;
    this.#until = now + LEFT_OUT_MS;
    return true;
  }

  /** ms until it is asked again; 0 when it is not left out. */
  leftOutFor(now: number): number {
    return Math.max(0, this.#until - now);
  }
}
