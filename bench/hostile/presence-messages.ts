import { authorization } from '../load/digest.ts';
import type { Random } from './random.ts';
import type { Knowledge } from './seeds.ts';

const EVENTS = [
  ...['presence', 'presence', 'presence', 'presence;id=1', 'presence.winfo', 'reg', 'dialog', 'message-summary'],
  ...['xcap-diff', 'refer', 'weather', ''],
];
const ENTITIES = `<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>`;

/** PUBLISH, SUBSCRIBE and NOTIFY as clients of presence send them, with tags of subscriptions and entity tags that are made up. */
export function presenceMessage(random: Random, { domain, logins, challenge }: Knowledge, index: number): Buffer {
  const [login, friend] = [random.pick(logins), random.pick(logins).user];
  const method = random.pick(['PUBLISH', 'SUBSCRIBE', 'SUBSCRIBE', 'NOTIFY']);
  const own = `sip:${login.user}@${domain}`;
  const uri = random.pick([own, own, `${own};list=contacts`, `sip:${friend}@${domain}`, `sip:${domain}`]);
  const body = method === 'SUBSCRIBE' ? '' : document(random, own);
  const proof = authorization(challenge, login, method, uri, 1 + (index % 100_000));
  const lines = [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bKpresence${index.toString(36)};rport`,
    'Max-Forwards: 70',
    `From: <${own}>;tag=${random.below(2 ** 32).toString(36)}`,
    `To: <${uri}>${random.chance(0.2) ? `;tag=rollcall-s.${random.below(300).toString(16)}.${random.below(9999).toString(16)}.ab` : ''}`,
    `Call-ID: presence${index}@hostile.invalid`,
    `CSeq: ${index + 1} ${method}`,
    `Contact: <sip:${login.user}@192.0.2.1:5060>`,
    `Event: ${random.pick(EVENTS)}`,
    `Expires: ${random.pick([0, 0, 1, 60, 600, 99_999])}`,
    ...(random.chance(0.3) ? ['Supported: eventlist'] : []),
    ...(random.chance(0.2) ? [`Accept: ${'application/x, '.repeat(random.below(1000))}application/pidf+xml`] : []),
    ...(random.chance(0.1) ? Array.from({ length: random.below(40) }, () => 'Record-Route: <sip:192.0.2.2;lr>') : []),
    ...(random.chance(0.3) ? [`SIP-If-Match: ${random.below(9999).toString(16)}.${random.below(3)}`] : []),
    ...(method === 'NOTIFY' ? ['Subscription-State: active;expires=600'] : []),
    ...(random.chance(0.9) ? [`Proxy-Authorization: ${proof}`] : []),
    ...(body === ''
      ? []
      : [`Content-Type: ${random.pick(['application/pidf+xml', 'application/pidf+xml', 'text/plain'])}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function document(random: Random, entity: string): string {
  const tuples = random.chance(0.1) ? random.below(200) : 1;
  const presence =
    `<presence xmlns="urn:ietf:params:xml:ns:${random.pick(['pidf', 'pidf', 'pidf', 'cpim-pidf'])}" entity="${entity}">` +
    `<tuple id="t"><status><basic>${random.pick(['open', 'closed', '&a;'])}</basic></status><note>Grüße</note></tuple>`.repeat(
      tuples,
    ) +
    '</presence>';
  return random.pick([presence, presence, presence, ENTITIES + presence, '<a>'.repeat(100), '']);
}
