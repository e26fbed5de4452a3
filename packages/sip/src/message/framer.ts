import { parseDigits } from './characters.ts';

export interface FramerLimits {
  /** Bytes of one message, head and body. Default 65,536. */
  messageBytes?: number;
  /** Bytes of a start line and header fields with the empty line. Default as `messageBytes`. */
  headerBytes?: number;
}

/**
 * What a stream holds. CRLFCRLF between messages is a ping (RFC 5626 §3.5.1) and a lone CRLF is a pong; since a pong
 * must be known at once, each CRLF that begins a pair is told as a pong, and the second makes it a ping.
 * After `too-large` and `malformed` the framer takes nothing more: answer, close and count.
 */
export type Frame =
  | { kind: 'message'; bytes: Buffer }
  | { kind: 'ping' }
  | { kind: 'pong' }
  | { kind: 'too-large'; status: 513; head: Buffer }
  | { kind: 'malformed'; status: 400; head: Buffer };

const PING: Frame = { kind: 'ping' };
const PONG: Frame = { kind: 'pong' };
const NOTHING: Buffer = Buffer.alloc(0);
const CR = 13;
const LF = 10;

/**
 * Cuts a stream into messages (RFC 3261 §18.3). Looks at each byte once, wherever the chunks end, and holds at most
 * one message and one chunk.
 */
export class MessageFramer {
  readonly #messageBytes: number;
  readonly #headerBytes: number;
  #frames: Frame[] = [];
  #ended = false;

  // What came and is not yet in a frame: `#held` bytes at the start of `#store`.
  #store: Buffer = NOTHING;
  #held = 0;

  // Between messages.
  #afterCr = false;
  #pairBegun = false;

  // In a head: where to look on, where the present header field line began, and Content-Length when it was seen.
  #scanned = 0;
  #lineStart = 0;
  #contentLength = -1;
  // In a body.
  #headLength = 0;

  constructor({ messageBytes = 65_536, headerBytes = messageBytes }: FramerLimits = {}) {
    this.#messageBytes = messageBytes;
    this.#headerBytes = Math.min(headerBytes, messageBytes);
  }

  /** How many bytes wait for the rest of their message. */
  get held(): number {
    return this.#held;
  }

  /** Takes the next chunk and returns what it completes. Frames may share memory with the chunk. */
  push(chunk: Buffer): Frame[] {
    if (this.#ended || chunk.length === 0) return [];
    const data = this.#held === 0 ? chunk : this.#append(chunk);
    let start = 0;
    for (let length = this.#next(data, start); length > 0; length = this.#next(data, start)) start += length;
    if (this.#ended) this.#store = NOTHING;
    else this.#hold(data, start);
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  /** Frames the message at `start`; returns how many bytes were used up, 0 when more must come. */
  #next(data: Buffer, start: number): number {
    if (this.#ended || start === data.length) return 0;
    if (this.#headLength === 0) {
      if (this.#scanned === 0) {
        const skipped = this.#skipLineEnds(data, start);
        if (skipped > 0 || this.#ended) return skipped;
      }
      if (!this.#scanHead(data, start)) return 0;
    }
    const length = this.#headLength + this.#contentLength;
    if (data.length - start < length) return 0;
    this.#frames.push({ kind: 'message', bytes: data.subarray(start, start + length) });
    this.#scanned = this.#lineStart = this.#headLength = 0;
    this.#contentLength = -1;
    this.#pairBegun = false;
    return length;
  }

  #skipLineEnds(data: Buffer, start: number): number {
    let at = start;
    for (; at < data.length; at++) {
      if (data[at] === LF) {
        if (this.#afterCr) this.#frames.push(this.#pairBegun ? PING : PONG);
        this.#pairBegun = this.#afterCr && !this.#pairBegun;
        this.#afterCr = false;
      } else if (this.#afterCr) {
        this.#end({ kind: 'malformed', status: 400, head: NOTHING });
        break;
      } else if (data[at] === CR) this.#afterCr = true;
      else break;
    }
    return at - start;
  }

  /** Looks for the end of the head from where it last stopped; true when the head and its Content-Length are good. */
  #scanHead(data: Buffer, start: number): boolean {
    const limit = Math.min(data.length, start + this.#headerBytes);
    let at = start + this.#scanned;
    for (; at < limit; at++) {
      if (data[at] !== LF) continue;
      // What follows a line end tells: an empty line, a folded line, or the next header field. Wait for it.
      const after = data[at + 1] === CR ? 2 : 1;
      if (at + after >= data.length) break;
      const next = data[at + after];
      if (next === 32 || next === 9) {
        if (after === 1) continue;
      }
      if (!this.#readLine(data, start, at)) return false;
      this.#lineStart = at + 1 - start;
      if (next === LF) return this.#endHead(data, start, at + after + 1 - start);
    }
    this.#scanned = at - start;
    if (this.#scanned >= this.#headerBytes) {
      this.#end({ kind: 'too-large', status: 513, head: data.subarray(start, start + this.#headerBytes) });
    }
    return false;
  }

  /** Notes Content-Length when the line that ends at `end` is that header field. */
  #readLine(data: Buffer, start: number, end: number): boolean {
    const lineStart = start + this.#lineStart;
    const first = data[lineStart]! | 32;
    // `l`, or `c` with the second word of Content-Length.
    if (first !== 108 && (first !== 99 || (data[lineStart + 8]! | 32) !== 108)) return true;
    const match = /^(?:content-length|l)[ \t]*:\s*(\S*)\s*$/i.exec(data.toString('latin1', lineStart, end));
    if (!match) return true;
    const length = parseDigits(match[1]!);
    if (length !== undefined && this.#contentLength < 0) {
      this.#contentLength = length;
      return true;
    }
    return this.#refuse(data, start, end + 1);
  }

  #endHead(data: Buffer, start: number, length: number): boolean {
    if (this.#contentLength < 0) return this.#refuse(data, start, start + length);
    if (length + this.#contentLength > this.#messageBytes || length > this.#headerBytes) {
      this.#end({ kind: 'too-large', status: 513, head: data.subarray(start, start + length) });
      return false;
    }
    this.#headLength = length;
    return true;
  }

  #refuse(data: Buffer, start: number, end: number): false {
    this.#end({ kind: 'malformed', status: 400, head: data.subarray(start, end) });
    return false;
  }

  #end(frame: Frame): void {
    this.#frames.push(frame);
    this.#ended = true;
    this.#held = 0;
  }

  #append(chunk: Buffer): Buffer {
    const length = this.#held + chunk.length;
    if (length > this.#store.length) {
      const wanted = this.#headLength > 0 ? this.#headLength + this.#contentLength : 2 * this.#held;
      const store = Buffer.allocUnsafeSlow(Math.max(length, wanted, 1024));
      this.#store.copy(store, 0, 0, this.#held);
      this.#store = store;
    }
    chunk.copy(this.#store, this.#held);
    this.#held = length;
    return this.#store.subarray(0, length);
  }

  /** Keeps what is left. A store that frames were cut from is theirs from now on. */
  #hold(data: Buffer, start: number): void {
    if (start === 0 && this.#held === data.length) return;
    this.#held = data.length - start;
    this.#store = this.#held === 0 ? NOTHING : Buffer.allocUnsafeSlow(Math.max(this.#held, 1024));
    data.copy(this.#store, 0, start);
  }
}
