import { header } from '../load/answer.ts';
import { type Challenge, type Login, readChallenge } from '../load/digest.ts';
import { request } from '../load/request.ts';
import { type Requester, targetOf } from '../load/requester.ts';
import { UdpRequester } from '../load/udp-requester.ts';
import { residentBytes } from '../measure/cpu.ts';
import { Floods } from './floods.ts';
import { type HostileMessage, hostileMessage } from './message.ts';
import { Probes } from './probes.ts';
import { tortureMessages } from './seeds.ts';

/** `host:port` of each listener. */
export type Addresses = Record<'udp' | 'tcp' | 'tls' | 'ws', string>;

/** The front end under attack. It has to take PROXY headers from BALANCERS (proxy-headers.ts). */
export interface Attacked {
  /** Process id. */
  process: number;
  addresses: Addresses;
  domain: string;
  /** Accounts that the attack may use. */
  logins: readonly Login[];
  /** The account of the well-behaved clients. */
  bystander: Login;
}

export interface AttackOptions {
  seed: number;
  /** The number of the first message. Default 0. */
  from?: number;
  messages: number;
  /** Connections of each kind that linger, see lingering.ts. Default 20. */
  lingering?: number;
  /** Told after each 5% of the messages. */
  onProgress?(sent: number): void;
}

export interface AttackResult {
  seconds: number;
  /** Answers to the attack, by status. */
  answers: Record<string, number>;
  connections: number;
  /** Connections that lingered until the server ended them, by kind. */
  lingeringEnded: Record<string, number>;
  /** Valid requests in the midst of it that were answered right, how often one was sent again, the longest wait, ms. */
  bystanders: { answered: number; resent: number; slowest: number };
  /** The highest that was seen, bytes. */
  peakResident: number;
}

/** A valid request was not answered right after one of these messages. */
export class AttackSucceededError extends Error {
  override readonly name = 'AttackSucceededError';
  readonly seed: number;
  readonly batch: readonly HostileMessage[];

  constructor(seed: number, batch: readonly HostileMessage[], cause: unknown) {
    const range = `${batch[0]!.index} to ${batch.at(-1)!.index}`;
    super(`seed ${seed}, messages ${range}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    this.seed = seed;
    this.batch = batch;
  }
}

/** Messages between two rounds of valid requests, whose answers say that the server has kept up. */
const BATCH = 200;

/** Sends mutated messages, and valid requests in their midst. @throws AttackSucceededError */
export async function attack(attacked: Attacked, options: AttackOptions): Promise<AttackResult> {
  const { addresses, domain, logins, bystander } = attacked;
  const { seed, from = 0, messages, lingering = 20, onProgress } = options;
  const torture = tortureMessages();
  const floods = await Floods.open(addresses, lingering);
  const probes = await Probes.open({ addresses, domain, login: bystander });
  const challenger = await UdpRequester.open(targetOf(addresses.udp));
  const started = performance.now();
  let peakResident = 0;
  try {
    for (let sent = 0; sent < messages; sent += BATCH) {
      const knowledge = { domain, logins, challenge: await challengeOf(challenger, domain) };
      const count = Math.min(BATCH, messages - sent);
      const batch = Array.from({ length: count }, (_, at) =>
        hostileMessage(seed, from + sent + at, knowledge, torture),
      );
      try {
        await sendAmongProbes(batch, seed, floods, probes);
        if ((sent / BATCH) % 10 === 9) await probes.runOnNewConnections();
        peakResident = Math.max(peakResident, residentBytes(attacked.process));
      } catch (error) {
        throw new AttackSucceededError(seed, batch, error);
      }
      const part = (of: number) => Math.floor((20 * of) / messages);
      if (part(sent + count) > part(sent)) onProgress?.(sent + count);
    }
    return {
      seconds: (performance.now() - started) / 1000,
      answers: floods.answers,
      connections: floods.connections,
      lingeringEnded: floods.lingeringEnded,
      bystanders: { answered: probes.answered, resent: probes.resent, slowest: Math.round(probes.slowest) },
      peakResident,
    };
  } finally {
    for (const opened of [floods, probes, challenger]) opened.close();
  }
}

async function sendAmongProbes(
  batch: readonly HostileMessage[],
  seed: number,
  floods: Floods,
  probes: Probes,
): Promise<void> {
  for (const message of batch.slice(0, batch.length / 2)) floods.send(message, seed);
  const answered = probes.run();
  for (const message of batch.slice(batch.length / 2)) floods.send(message, seed);
  await Promise.all([answered, floods.drained()]);
}

/** A nonce that the server takes, for the messages that log on. */
async function challengeOf(requester: Requester, domain: string): Promise<Challenge> {
  const answer = await request(requester, { method: 'REGISTER', uri: `sip:${domain}`, user: 'nobody', domain });
  const value = header(answer, 'WWW-Authenticate');
  if (answer.status !== 401 || value === undefined) throw new Error(`a REGISTER was not challenged:\n${answer.text}`);
  return readChallenge(value);
}
