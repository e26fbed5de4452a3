/** What is read next of a frame (RFC 6455 §5.2). */
type Part = 'kind' | 'length' | 'extended length' | 'rest';

/**
 * Follows the frames of a client through its bytes, without keeping any, to know since when a message is unfinished:
 * a fragment or half a frame. The library tells only of whole ones. Numbers alone: there is one a connection.
 */
export class WebSocketFraming {
  #unfinishedSince = 0;
  #part: Part = 'kind';
  /** Bytes that are left of an extended length, or of mask and payload. */
  #left = 0;
  #length = 0;
  #masked = false;
  /** With this frame a message ends. */
  #last = false;
  /** A ping, a pong or a close: they may come between the fragments of a message (§5.4). */
  #control = false;
  #fragmented = false;

  /** When the message began that has not ended yet, on the clock of `read`; 0 between messages. */
  get unfinishedSince(): number {
    return this.#unfinishedSince;
  }

  read(chunk: Buffer, now: number): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#unfinishedSince === 0) this.#unfinishedSince = now;
      if (this.#part === 'rest') {
        const skipped = Math.min(this.#left, chunk.length - at);
        at += skipped;
        this.#skip(skipped);
      } else {
        this.#readByte(chunk[at]!);
        at += 1;
      }
    }
  }

  #readByte(byte: number): void {
    switch (this.#part) {
      case 'kind':
        this.#last = (byte & 0x80) !== 0;
        this.#control = (byte & 0x08) !== 0;
        this.#part = 'length';
        break;
      case 'length':
        this.#masked = (byte & 0x80) !== 0;
        this.#length = byte & 0x7f;
        this.#left = this.#length === 126 ? 2 : this.#length === 127 ? 8 : 0;
        if (this.#left === 0) this.#begin();
        else {
          this.#length = 0;
          this.#part = 'extended length';
        }
        break;
      default:
        this.#length = this.#length * 256 + byte;
        this.#left -= 1;
        if (this.#left === 0) this.#begin();
    }
  }

  /** The head has been read; what is left is the mask and the payload. */
  #begin(): void {
    this.#part = 'rest';
    this.#left = (this.#masked ? 4 : 0) + this.#length;
    this.#skip(0);
  }

  #skip(bytes: number): void {
    this.#left -= bytes;
    if (this.#left > 0) return;
    this.#part = 'kind';
    if (!this.#control) this.#fragmented = !this.#last;
    if (!this.#fragmented) this.#unfinishedSince = 0;
  }
}
