/**
 * Runs `finish` once for each that was added, when this turn of the event loop has read its sockets (one immediate for
 * all of them). With nothing else to read that is at once: a lone message does not wait.
 */
export class TurnEnd<Item> {
  readonly #finish: (item: Item) => void;
  #items: Item[] = [];

  constructor(finish: (item: Item) => void) {
    this.#finish = finish;
  }

  add(item: Item): void {
    if (this.#items.length === 0) setImmediate(() => this.#run());
    this.#items.push(item);
  }

  #run(): void {
    const items = this.#items;
    this.#items = [];
    for (const item of items) this.#finish(item);
  }
}
