import { ByKey, type TransactionKey } from './by-key.ts';

const CHUNK = 1 << 16;
/** The length of the key's text, and that of the response. */
const LENGTHS = 8;

/**
 * The Completed state of non-INVITE server transactions on UDP (RFC 3261 figure 8): a request that comes again gets
 * the same bytes, and timer J forgets them.
 *
 * There may be hundreds of thousands, so a transaction is no object here, and has no timer: its response lies in a
 * chunk that it shares with others, after the text of its key. Each generation has its own map and chunks, and is
 * dropped whole. With a rotation every quarter of timer J, a response is kept for J to 1¼ J.
 */
export class CompletedResponses {
  /** How many rotations a response outlives. */
  static readonly rotations = 4;

  /** Newest first. */
  readonly #generations: Generation[] = [new Generation()];

  get size(): number {
    let size = 0;
    for (const generation of this.#generations) size += generation.size;
    return size;
  }

  /** Copies `response`. */
  add(key: TransactionKey, response: Buffer): void {
    this.#generations[0]!.keep(key, response);
  }

  /** A view of the response, good for as long as the caller holds it. */
  get(key: TransactionKey): Buffer | undefined {
    for (const generation of this.#generations) {
      const place = generation.get(key);
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

/** Values are places: index of the chunk × CHUNK + offset in it. */
class Generation extends ByKey<number> {
  readonly #chunks: Buffer[] = [];
  #end = CHUNK;

  keep(key: TransactionKey, response: Buffer): void {
    const textLength = Buffer.byteLength(key.text);
    const needed = LENGTHS + textLength + response.length;
    if (this.#end + needed > CHUNK) {
      this.#chunks.push(Buffer.allocUnsafeSlow(Math.max(CHUNK, needed)));
      this.#end = 0;
    }
    const chunk = this.#chunks[this.#chunks.length - 1]!;
    chunk.writeUInt32LE(textLength, this.#end);
    chunk.writeUInt32LE(response.length, this.#end + 4);
    chunk.write(key.text, this.#end + LENGTHS);
    chunk.set(response, this.#end + LENGTHS + textLength);
    this.add(key, (this.#chunks.length - 1) * CHUNK + this.#end);
    this.#end += needed;
  }

  at(place: number): Buffer {
    const { chunk, start, textLength } = this.#entry(place);
    const responseStart = start + LENGTHS + textLength;
    return chunk.subarray(responseStart, responseStart + chunk.readUInt32LE(start + 4));
  }

  protected override isOf(place: number, key: TransactionKey): boolean {
    const { chunk, start, textLength } = this.#entry(place);
    return chunk.toString('utf8', start + LENGTHS, start + LENGTHS + textLength) === key.text;
  }

  #entry(place: number) {
    const chunk = this.#chunks[Math.floor(place / CHUNK)]!;
    const start = place % CHUNK;
    return { chunk, start, textLength: chunk.readUInt32LE(start) };
  }
}
