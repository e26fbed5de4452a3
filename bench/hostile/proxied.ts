import { authorization } from '../load/digest.ts';
import type { Random } from './random.ts';
import type { Knowledge } from './seeds.ts';

const METHODS = [
  ...['INVITE', 'INVITE', 'MESSAGE', 'MESSAGE', 'CANCEL', 'ACK', 'BYE', 'SUBSCRIBE', 'REFER', 'INFO'],
  'PUBLISH',
];
/** Messages that share a call: an INVITE among them may meet its CANCEL, its ACK, and itself. */
const OF_ONE_CALL = 16;
/** Characters of tokens as they really are, and of some that are none. */
const TOKEN_LENGTHS = [66, 66, 88, 4, 0, 400];

/**
 * What a proxy takes: requests for others, inside calls and outside, with tokens that nobody has made, and responses that
 * nobody has asked for.
 */
export function proxiedMessage(random: Random, knowledge: Knowledge, index: number): Buffer {
  return Buffer.from(random.chance(0.1) ? response(random, index) : request(random, knowledge, index));
}

function request(random: Random, { domain, logins, challenge }: Knowledge, index: number): string {
  const [login, friend] = [random.pick(logins), random.pick(logins).user];
  const method = random.pick(METHODS);
  const call = Math.floor(index / OF_ONE_CALL);
  const uri = random.pick([
    ...[`sip:${friend}@${domain}`, `sip:${friend}@${domain}`, `sip:${friend}@${domain}`, `sip:${login.user}@${domain}`],
    ...[`sip:${domain}`, `sip:nobody@${domain}`, 'sip:bob@elsewhere.invalid', `sip:${friend}@192.0.2.1:5060`],
    ...[`sip:${friend}@${domain};gr=urn:uuid:00000000-0000-1000-8000-000000000010`, `sip:tgruu.AAAA@${domain};gr`],
    `sip:${token(random)}@${domain};lr`,
  ]);
  const inDialog = random.chance(0.3);
  const name = random.chance(0.1) ? friend : login.user;
  const known = { ...login, password: random.chance(0.1) ? 'wrong' : login.password };
  const proof = authorization(challenge, known, method, uri, 1 + (index % 100_000));
  const body = method === 'MESSAGE' ? 'hello' : '';
  const lines = [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bKcall${call.toString(36)};rport`,
    ...(random.chance(0.1) ? ['Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKbefore.0123456789abcdef'] : []),
    `Max-Forwards: ${random.pick([70, 70, 70, 2, 1, 0])}`,
    ...routeLines(random, domain),
    ...(random.chance(0.1) ? [`Record-Route: <sip:${token(random)}@${domain};lr>`] : []),
    `From: <sip:${name}@${domain}>;tag=call${call}`,
    `To: <sip:${friend}@${domain}>${inDialog ? ';tag=to' : ''}`,
    `Call-ID: call${call}@hostile.invalid`,
    `CSeq: ${call + 1} ${method}`,
    `Contact: <sip:${login.user}@192.0.2.1:5060>`,
    ...(random.chance(0.2) ? [`P-Asserted-Identity: <sip:${friend}@${domain}>`] : []),
    ...(random.chance(0.1) ? [`P-Preferred-Identity: <sip:${friend}@${domain}>`] : []),
    ...(random.chance(0.1) ? [`Privacy: ${random.pick(['id', 'none', 'header;critical'])}`] : []),
    ...(random.chance(0.1) ? [`Max-Breadth: ${random.below(3)}`] : []),
    ...(random.chance(0.8) ? [`Proxy-Authorization: ${proof}`] : []),
    ...(body === '' ? [] : ['Content-Type: text/plain']),
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

function routeLines(random: Random, domain: string): string[] {
  const count = random.chance(0.5) ? 0 : 1 + random.below(random.chance(0.05) ? 100 : 3);
  return Array.from({ length: count }, () => {
    const host = random.pick([domain, '127.0.0.1', 'elsewhere.invalid', '127.0.0.1:9;transport=tcp']);
    return `Route: <sip:${random.chance(0.6) ? `${token(random)}@` : ''}${host}${random.chance(0.9) ? ';lr' : ''}>`;
  });
}

/** Of a dialog, or of a flow; forged. */
function token(random: Random): string {
  const length = random.pick(TOKEN_LENGTHS);
  const letter = () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[random.below(64)];
  return `${random.pick(['dlg.', 'flw.'])}${Array.from({ length }, letter).join('')}`;
}

function response(random: Random, index: number): string {
  const call = Math.floor(index / OF_ONE_CALL);
  const relayed = `z9hG4bK-relay-${random.chance(0.5) ? 'tcp' : '0123456789abcdef-tcp'}-${random.below(300)}.z9hG4bKa`;
  const lines = [
    `SIP/2.0 ${random.pick([100, 180, 200, 302, 407, 430, 486, 503, 603])} Made Up`,
    `Via: SIP/2.0/UDP 127.0.0.1:5060;branch=${random.pick([relayed, `z9hG4bKcall${call.toString(36)}`])}`,
    ...(random.chance(0.5) ? ['Via: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bKa'] : []),
    `From: <sip:a@hostile.invalid>;tag=call${call}`,
    'To: <sip:b@hostile.invalid>;tag=to',
    `Call-ID: call${call}@hostile.invalid`,
    `CSeq: ${call + 1} ${random.pick(['INVITE', 'MESSAGE', 'CANCEL'])}`,
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
