import { BYTE_MUTATIONS } from './byte-mutations.ts';
import { HEADER_MUTATIONS } from './header-mutations.ts';
import { Random } from './random.ts';
import { type Knowledge, validMessage } from './seeds.ts';

/** How a message travels, and how many of each SHARES do; the rest are what is wrong below SIP. */
const WAYS = {
  udp: 60,
  tcp: 40,
  tls: 3,
  /** Raw bytes to the TLS port: handshakes that are bent and broken off. */
  'tls-hello': 1,
  /** Frames over an open WebSocket. */
  ws: 5,
  /** Handshakes of WebSockets. */
  'ws-hello': 1,
  /** PROXY headers, from an address that is trusted, to the ports of TCP and HTTP. */
  'proxy-tcp': 2,
  'proxy-http': 1,
  /** PROXY headers from an address that is not. */
  'proxy-untrusted': 1,
};

export type Way = keyof typeof WAYS;

const ORDER = Object.entries(WAYS).flatMap(([way, share]) => new Array<Way>(share).fill(way as Way));
/** Without a common divisor with the number of shares: neighbours go different ways. */
const STEP = 37;

/** How many messages there must be in all, so that `messages` go over UDP and TCP. */
export function allMessages(messages: number): number {
  return Math.ceil((messages * ORDER.length) / (WAYS.udp + WAYS.tcp));
}

/** How many of `messages`, from number `from` on, go each way. */
export function countWays(from: number, messages: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let index = from; index < from + messages; index++) counts[wayOf(index)] = (counts[wayOf(index)] ?? 0) + 1;
  return counts;
}

function wayOf(index: number): Way {
  return ORDER[(index * STEP) % ORDER.length]!;
}

export interface HostileMessage {
  index: number;
  way: Way;
  bytes: Buffer;
  /** What was done to it, for whoever has to look at it. */
  mutations: string[];
}

const MUTATIONS = Object.entries({ ...BYTE_MUTATIONS, ...HEADER_MUTATIONS });

/** The message `index` of the run with this seed: the same one every time, but for the nonce. */
export function hostileMessage(
  seed: number,
  index: number,
  knowledge: Knowledge,
  torture: readonly Buffer[],
): HostileMessage {
  const random = Random.of(seed, index);
  const way = wayOf(index);
  let bytes = random.chance(0.3) ? random.pick(torture) : validMessage(random, knowledge, index);
  const mutations: string[] = [];
  for (let left = howMany(random); left > 0; left--) {
    const [name, mutate] = random.pick(MUTATIONS);
    bytes = mutate(bytes, random, torture);
    mutations.push(name);
  }
  return { index, way, bytes: way === 'udp' ? bytes.subarray(0, 65_000) : bytes, mutations };
}

/** Mostly one: what is wrong in many places is refused at the first. */
function howMany(random: Random): number {
  if (random.chance(0.05)) return 0;
  return random.chance(0.6) ? 1 : 2 + random.below(3);
}
