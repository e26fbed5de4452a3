import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocketFraming } from './websocket-framing.ts';

const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

/** A client's frame: RFC 6455 §5.2. */
function frame(opcode: number, fin: boolean, length: number): Buffer {
  const head = Buffer.from([(fin ? 0x80 : 0) | opcode, 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127)]);
  const extended = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8);
  if (extended.length > 0) extended.writeUIntBE(length, Math.max(0, extended.length - 6), Math.min(6, extended.length));
  return Buffer.concat([head, extended, Buffer.from('mask'), Buffer.alloc(length, 'x')]);
}

const LENGTHS = [0, 1, 125, 126, 65_535, 65_536];

describe('the framing of a WebSocket', () => {
  it.each(LENGTHS)('finds a frame of %i bytes finished with its last byte, and not before', (length) => {
    for (const opcode of [TEXT, BINARY, CLOSE, PING, PONG].filter((one) => one < CLOSE || length <= 125)) {
      const bytes = frame(opcode, true, length);
      const framing = new WebSocketFraming();
      for (const [index, end] of [1, 2, 3, bytes.length - 1].entries()) {
        framing.read(bytes.subarray([0, 1, 2, 3][index], end), index + 1);
        expect(framing.unfinishedSince).toBe(1);
      }
      framing.read(bytes.subarray(-1), 9);
      expect(framing.unfinishedSince).toBe(0);
    }
  });

  it('finds a message in fragments unfinished since its first, whatever comes between them', () => {
    const framing = new WebSocketFraming();
    const steps: [Buffer, number][] = [
      [frame(PING, true, 4), 0],
      [frame(TEXT, false, 10), 2],
      [frame(PONG, true, 0), 2],
      [frame(CONTINUATION, false, 0), 2],
      [frame(PING, true, 125), 2],
      [frame(CONTINUATION, true, 300), 0],
      [frame(BINARY, false, 1), 7],
    ];
    for (const [at, [bytes, since]] of steps.entries()) {
      framing.read(bytes, at + 1);
      expect(framing.unfinishedSince, `step ${at + 1}`).toBe(since);
    }
  });

  it('counts a message that begins with the end of another from its own beginning', () => {
    const framing = new WebSocketFraming();
    const [first, second] = [frame(TEXT, true, 10), frame(TEXT, true, 10)];
    framing.read(first.subarray(0, 5), 1);
    framing.read(Buffer.concat([first.subarray(5), second.subarray(0, 5)]), 2);
    expect(framing.unfinishedSince).toBe(2);
  });

  it('ends where the frames end, however they are cut', () => {
    const message = fc
      .record({ lengths: fc.array(fc.constantFrom(...LENGTHS), { minLength: 1, maxLength: 4 }), ping: fc.boolean() })
      .map(({ lengths, ping }) =>
        lengths.flatMap((length, at) => [
          frame(at === 0 ? TEXT : CONTINUATION, at === lengths.length - 1, length),
          ...(ping ? [frame(PING, true, 3)] : []),
        ]),
      );
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 5000 }), (all, size) => {
        const bytes = Buffer.concat(all.flat());
        const framing = new WebSocketFraming();
        for (let at = 0; at < bytes.length; at += size) framing.read(bytes.subarray(at, at + size), at + 1);
        expect(framing.unfinishedSince).toBe(0);
        framing.read(frame(TEXT, true, 5).subarray(0, 1 + (size % 10)), 7);
        expect(framing.unfinishedSince).toBe(7);
      }),
      { numRuns: 50 },
    );
  });
});
