import { setTimeout as sleep } from 'node:timers/promises';
import type { Login } from '../load/digest.ts';
import { Phone } from '../load/phone.ts';
import { targetOf } from '../load/requester.ts';
import { runMany } from '../load/run-many.ts';
import { UdpRequester } from '../load/udp-requester.ts';
import { residentBytes } from '../measure/cpu.ts';
import { type EndpointSizes, readEndpointSizes } from './endpoint-sizes.ts';

export interface CapacityOptions {
  /** Process id of the front end, and its `host:port` over UDP. */
  process: number;
  target: string;
  /** Of a superuser. */
  databaseUrl: string;
  domain: string;
  /** One endpoint each. */
  logins: readonly Login[];
  /** Refreshes of every endpoint after its first registration. */
  refreshes: number;
  /** Registrations under way at once. */
  concurrency: number;
  onRound?(round: Round): void;
}

export interface Round {
  /** 0 is the first registration. */
  number: number;
  failed: number;
  perSecond: number;
  /** Of the front end when the round ended, and the highest that was seen in it, bytes. */
  resident: number;
  peakResident: number;
  sizes: EndpointSizes;
}

const SAMPLE_MS = 200;

/** Registers every account, then refreshes all of them again and again, and looks at memory and tables after each round. */
export async function registerInRounds(options: CapacityOptions): Promise<Round[]> {
  const { domain, logins, refreshes } = options;
  const phones = logins.map((login, index) => {
    const contact = `sip:${login.user}@10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}:5060`;
    return new Phone({ ...login, domain, contact });
  });
  const requester = await UdpRequester.open(targetOf(options.target));
  const rounds: Round[] = [];
  try {
    for (let number = 0; number <= refreshes; number++) {
      const round = await registerAll(number, phones, requester, options);
      rounds.push(round);
      options.onRound?.(round);
    }
    return rounds;
  } finally {
    requester.close();
  }
}

async function registerAll(
  number: number,
  phones: readonly Phone[],
  requester: UdpRequester,
  { process, databaseUrl, concurrency }: CapacityOptions,
): Promise<Round> {
  let failed = 0;
  let peakResident = 0;
  const sampling = setInterval(() => {
    peakResident = Math.max(peakResident, residentBytes(process));
  }, SAMPLE_MS);
  const started = performance.now();
  await runMany(phones, concurrency, async (phone) => {
    const answer = await phone.register(requester).catch(() => undefined);
    if (answer?.status !== 200) failed += 1;
  });
  const seconds = (performance.now() - started) / 1000;
  clearInterval(sampling);
  await sleep(100);
  const resident = residentBytes(process);
  return {
    number,
    failed,
    perSecond: Math.round(phones.length / seconds),
    resident,
    peakResident: Math.max(peakResident, resident),
    sizes: await readEndpointSizes(databaseUrl),
  };
}
