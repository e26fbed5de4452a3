import { readdirSync, readFileSync } from 'node:fs';
import { authorization, type Challenge, type Login } from '../load/digest.ts';
import { presenceMessage } from './presence-messages.ts';
import { proxiedMessage } from './proxied.ts';
import type { Random } from './random.ts';

const TORTURE = new URL('../../packages/sip/testdata/torture/', import.meta.url);

/** What the messages of one batch may know of the server. */
export interface Knowledge {
  domain: string;
  /** Accounts that messages may log on to with the right password. */
  logins: readonly Login[];
  /** A challenge that the server gave out lately: the nonce is all of a message that a seed does not determine. */
  challenge: Challenge;
}

/** The messages of RFC 4475. */
export function tortureMessages(): Buffer[] {
  const files = readdirSync(TORTURE).filter((name) => name.endsWith('.sip'));
  return files.sort().map((name) => readFileSync(new URL(name, TORTURE)));
}

/**
 * A message with which nothing is wrong yet, but for tokens: OPTIONS, REGISTER without, with bad, and mostly with good
 * credentials, what is for others, and presence.
 */
export function validMessage(random: Random, knowledge: Knowledge, index: number): Buffer {
  if (random.chance(0.4)) return proxiedMessage(random, knowledge, index);
  if (random.chance(0.2)) return presenceMessage(random, knowledge, index);
  const { domain, logins, challenge } = knowledge;
  const login = random.pick(logins);
  const method = random.chance(0.25) ? 'OPTIONS' : 'REGISTER';
  const uri = `sip:${domain}`;
  const registers = method === 'REGISTER';
  const known = { ...login, password: random.chance(0.1) ? 'wrong' : login.password };
  const lines = [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK${random.below(2 ** 32).toString(36)}${index.toString(36)};rport`,
    'Max-Forwards: 70',
    `From: "${login.user}" <sip:${login.user}@${domain}>;tag=${random.below(2 ** 32).toString(36)}`,
    `To: <sip:${login.user}@${domain}>`,
    `Call-ID: ${random.below(64)}-${login.user}@hostile.invalid`,
    `CSeq: ${index + 1} ${method}`,
    'Supported: path, outbound, gruu',
    ...(registers && random.chance(0.8) ? [contactLine(random, login.user)] : []),
    ...(registers && random.chance(0.5) ? [`Expires: ${random.pick([0, 1, 60, 600, 3600, 7200])}`] : []),
    ...(registers && random.chance(0.1) ? ['Path: <sip:edge.example.org;lr;ob>'] : []),
    'User-Agent: Grüße/1.0',
    ...(registers && random.chance(0.9)
      ? [`Authorization: ${authorization(challenge, known, method, uri, 1 + (index % 100_000))}`]
      : []),
    'Content-Length: 0',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

function contactLine(random: Random, user: string): string {
  const instance = `<urn:uuid:00000000-0000-1000-8000-0000000000${10 + random.below(20)}>`;
  return random.pick([
    `Contact: <sip:${user}@192.0.2.${random.below(8)}:5060>`,
    `Contact: <sip:${user}@192.0.2.1;transport=tcp>;expires=${random.below(5000)};q=0.${random.below(10)}`,
    `Contact: "A \\"B\\"" <sip:${user}@192.0.2.2>;+sip.instance="${instance}";reg-id=${1 + random.below(3)}`,
    `m: <sip:${user}@[2001:db8::1]:5070;ob>;+sip.instance="${instance}", <sip:${user}@host.invalid>`,
  ]);
}
