import { BYTE_MUTATIONS } from './byte-mutations.ts';
import type { Random } from './random.ts';

const MUTATIONS = Object.values(BYTE_MUTATIONS);
const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

/** A handshake for SIP (RFC 7118 §4.1) with nothing wrong in it. */
export const HANDSHAKE = handshake({});

/** Handshakes that the server is to refuse, or to take without harm. */
const ODD_HANDSHAKES = [
  handshake({ 'Sec-WebSocket-Protocol': 'xmpp' }),
  handshake({ 'Sec-WebSocket-Protocol': 'sips, sip2' }),
  handshake({ 'Sec-WebSocket-Protocol': undefined }),
  handshake({ 'Sec-WebSocket-Version': '8' }),
  handshake({ 'Sec-WebSocket-Key': 'short' }),
  handshake({ 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=99999' }),
  handshake({ Upgrade: 'h2c' }),
  handshake({}, '/elsewhere'),
];

function handshake(changes: Record<string, string | undefined>, path = '/sip'): Buffer {
  const headers = {
    Host: 'pool.test',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Protocol': 'sip',
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
}

/** Half of them odd, half of them bent; what follows is what a client would send that believes to be in. */
export function hostileHandshake(message: Buffer, random: Random): Buffer {
  const start = random.chance(0.5)
    ? random.pick(ODD_HANDSHAKES)
    : random.pick(MUTATIONS)(HANDSHAKE, random, ODD_HANDSHAKES);
  return random.chance(0.5) ? Buffer.concat([start, frame(TEXT, message)]) : start;
}

type Framing = (message: Buffer, random: Random) => Buffer;

/** The message whole, so that the server has to read what is in it. */
const WHOLE: Framing = (message, random) => frame(random.pick([TEXT, BINARY]), message);

/** A message that is not one, or a frame that is none. */
const BROKEN: readonly Framing[] = [
  // In fragments, with a ping between them.
  (message, random) => {
    const middle = random.below(message.length + 1);
    const ping = frame(PING, random.bytes(random.below(126)));
    const first = frame(TEXT, message.subarray(0, middle), { fin: false });
    return Buffer.concat([first, ping, frame(CONTINUATION, message.subarray(middle))]);
  },
  // Half a message: its other fragments never come.
  (message, random) => frame(random.pick([TEXT, BINARY]), message, { fin: false }),
  // Half a frame: the connection ends in it, or another message is taken for its rest.
  (message, random) => {
    const whole = frame(TEXT, message);
    return whole.subarray(0, 1 + random.below(whole.length));
  },
  // Oversized, in what it declares or in what it brings.
  (message, random) => frame(TEXT, message, { length: random.pick([65_537, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63]) }),
  (message) => frame(BINARY, Buffer.concat([message, Buffer.alloc(65_537, 'x')])),
  // Fragments of which each is allowed, and all together are not.
  (message, random) => {
    const more = frame(CONTINUATION, random.bytes(100), { fin: false });
    return Buffer.concat([frame(TEXT, message, { fin: false }), ...new Array<Buffer>(700).fill(more)]);
  },
  (message, random) => frame(random.below(16), message, { fin: random.chance(0.5) }),
  (message) => frame(TEXT, message, { masked: false }),
  (message) => frame(CONTINUATION, message),
  // Control frames: too long, in fragments, in hundreds, with status codes that must not be.
  (message, random) => frame(random.pick([CLOSE, PING, PONG]), message, { fin: random.chance(0.7) }),
  (_message, random) => Buffer.concat(new Array<Buffer>(200).fill(frame(PING, random.bytes(125)))),
  (_message, random) => frame(CLOSE, random.bytes(random.below(8))),
  (message, random) => random.pick(MUTATIONS)(WHOLE(message, random), random, [HANDSHAKE, frame(CLOSE, message)]),
];

/** What carries a mutated message over an open WebSocket: as it should be, or not. */
export function hostileFrames(message: Buffer, random: Random): Buffer {
  const framing = random.chance(0.6) ? WHOLE : random.pick(BROKEN);
  return framing(message, random);
}

interface FrameOptions {
  fin?: boolean;
  masked?: boolean;
  /** What it declares, where that is not what it brings. */
  length?: number;
}

/** A client's frame (RFC 6455 §5.2). Its mask is zero: the payload stays readable. */
export function frame(opcode: number, payload: Buffer, options: FrameOptions = {}): Buffer {
  const { fin = true, masked = true, length = payload.length } = options;
  const extended = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8);
  if (extended.length === 2) extended.writeUInt16BE(length);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length));
  const short = [length, 0, 126, 0, 0, 0, 0, 0, 127][extended.length]!;
  const head = Buffer.from([(fin ? 0x80 : 0) | opcode, (masked ? 0x80 : 0) | short]);
  return Buffer.concat([head, extended, Buffer.alloc(masked ? 4 : 0), payload]);
}
