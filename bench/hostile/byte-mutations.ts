import type { Random } from './random.ts';

/** Changes a message; `others` are messages to take parts from. */
export type Mutation = (message: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

/** Octets that parsers have stumbled over: overlong and broken UTF-8, surrogates, marks without width, NUL. */
const ODD_OCTETS = [
  ...['00', '0000', 'c0af', 'c080', 'e08080', 'eda080', 'edb080', 'f4908080', 'ff', 'fffe', 'efbbbf', '80', 'f0'],
  ...['e2808b', 'e280ae', 'cc81cc81cc81', 'f09f92a9', '0b', '0c', '7f', '1b5b324a', '0d', '0a', '0d0a', '0d0d0a'],
].map((hex) => Buffer.from(hex, 'hex'));

export const BYTE_MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipBits(message, random) {
    const copy = Buffer.from(message);
    for (let left = 1 + random.below(8); left > 0 && copy.length > 0; left--) {
      const at = random.below(copy.length);
      copy[at] = copy[at]! ^ (1 << random.below(8));
    }
    return copy;
  },
  cutEnd: (message, random) => message.subarray(0, random.below(message.length + 1)),
  cutOut(message, random) {
    const [start, end] = range(message, random);
    return Buffer.concat([message.subarray(0, start), message.subarray(end)]);
  },
  duplicate(message, random) {
    const [start, end] = range(message, random);
    const times = random.chance(0.1) ? random.below(64) : 1;
    const parts = Array.from({ length: times }, () => message.subarray(start, end));
    return Buffer.concat([message.subarray(0, end), ...parts, message.subarray(end)]).subarray(0, 65_000);
  },
  splice(message, random, others) {
    const other = random.pick(others);
    const [start, end] = range(other, random);
    return insert(message, random.below(message.length + 1), other.subarray(start, end));
  },
  oddOctets: (message, random) => insert(message, random.below(message.length + 1), random.pick(ODD_OCTETS)),
  randomBlock: (message, random) => insert(message, random.below(message.length + 1), random.bytes(random.below(64))),
  randomBytes: (_message, random) => random.bytes(random.below(random.chance(0.02) ? 9000 : 300)),
};

function range(message: Buffer, random: Random): [start: number, end: number] {
  const start = random.below(message.length + 1);
  return [start, Math.min(message.length, start + random.below(random.chance(0.2) ? 400 : 24))];
}

function insert(message: Buffer, at: number, part: Buffer): Buffer {
  return Buffer.concat([message.subarray(0, at), part, message.subarray(at)]);
}
