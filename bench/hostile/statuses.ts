/** Counts the status lines in what a server sends, whatever the rest looks like. */
export class Statuses {
  readonly #counts = new Map<number, number>();

  /** @returns the end of `text`, which may be the beginning of a status line: put it before the next piece */
  count(text: string): string {
    for (const [, status] of text.matchAll(/SIP\/2\.0 (\d{3}) /g)) {
      this.#counts.set(Number(status), (this.#counts.get(Number(status)) ?? 0) + 1);
    }
    return text.slice(text.lastIndexOf('\n') + 1).slice(0, 11);
  }

  /** By ascending status. */
  get counts(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a - b));
  }
}
