const CHUNK = 1 << 16;
const LENGTH = 4;

/**
 * The Completed state of non-INVITE server transactions on UDP (RFC 3261 figure 8): a request that comes again gets
 * the same bytes, and timer J forgets them.
 *
 * There may be hundreds of thousands, so a transaction is no object here, and has no timer: its response lies in a
 * chunk that it shares with others, next to a map from key to place. Each generation has its own map and chunks, and is
 * dropped whole. With a rotation every quarter of timer J, a response is kept for J to 1¼ J.
 */
export class CompletedResponses {
  /** How many rotations a response outlives. */
  static readonly rotations = 4;

  /** Newest first. */
  readonly #generations: Generation[] = [new Generation()];

  get size(): number {
    let size = 0;
    for (const generation of this.#generations) size += generation.places.size;
    return size;
  }

  /** Copies `response`. */
  add(key: number, response: Buffer): void {
    this.#generations[0]!.add(key, response);
  }

  /** A view of the response, good for as long as the caller holds it. */
  get(key: number): Buffer | undefined {
    for (const generation of this.#generations) {
      const place = generation.places.get(key);
      if (place !== undefined) return generation.at(place);
    }
    return undefined;
  }

  rotate(): void {
    this.#generations.unshift(new Generation());
    if (this.#generations.length > CompletedResponses.rotations + 1) this.#generations.pop();
  }

  clear(): void {
    this.#generations.length = 0;
    this.#generations.push(new Generation());
  }
}

class Generation {
  /** Place: index of the chunk × CHUNK + offset in it. */
  readonly places = new Map<number, number>();
  readonly #chunks: Buffer[] = [];
  #end = CHUNK;

  add(key: number, response: Buffer): void {
    const needed = LENGTH + response.length;
    if (this.#end + needed > CHUNK) {
      this.#chunks.push(Buffer.allocUnsafeSlow(Math.max(CHUNK, needed)));
      this.#end = 0;
    }
    const chunk = this.#chunks[this.#chunks.length - 1]!;
    chunk.writeUInt32LE(response.length, this.#end);
    chunk.set(response, this.#end + LENGTH);
    this.places.set(key, (this.#chunks.length - 1) * CHUNK + this.#end);
    this.#end += needed;
  }

  at(place: number): Buffer {
    const chunk = this.#chunks[Math.floor(place / CHUNK)]!;
    const start = (place % CHUNK) + LENGTH;
    return chunk.subarray(start, start + chunk.readUInt32LE(start - LENGTH));
  }
}
