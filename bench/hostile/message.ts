import { BYTE_MUTATIONS } from './byte-mutations.ts';
import { HEADER_MUTATIONS } from './header-mutations.ts';
import { Random } from './random.ts';
import { type Knowledge, validMessage } from './seeds.ts';

export type Way = 'udp' | 'tcp' | 'tls' | 'tls-hello';

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
  const way = wayOf(random);
  let bytes = random.chance(0.3) ? random.pick(torture) : validMessage(random, knowledge, index);
  const mutations: string[] = [];
  for (let left = howMany(random); left > 0; left--) {
    const [name, mutate] = random.pick(MUTATIONS);
    bytes = mutate(bytes, random, torture);
    mutations.push(name);
  }
  return { index, way, bytes: way === 'udp' ? bytes.subarray(0, 65_000) : bytes, mutations };
}

function wayOf(random: Random): Way {
  const share = random.below(100);
  if (share < 60) return 'udp';
  if (share < 96) return 'tcp';
  return share < 99 ? 'tls' : 'tls-hello';
}

/** Mostly one: what is wrong in many places is refused at the first. */
function howMany(random: Random): number {
  if (random.chance(0.05)) return 0;
  return random.chance(0.6) ? 1 : 2 + random.below(3);
}
