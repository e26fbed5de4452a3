// What one REGISTER costs the SIP parser: `node bench/parse.ts`, with `--cpu-prof` to see where.
// The message is the second REGISTER of an authenticated registration as SIPp sends it, with what softphones add.
import {
  callId,
  checkRequest,
  contacts,
  createResponse,
  cseq,
  expires,
  formatMessage,
  from,
  MessageFramer,
  parseMessage,
  type SipRequest,
  to,
  topVia,
} from '../packages/sip/src/message/index.ts';

const register = (call: number) =>
  Buffer.from(
    [
      'REGISTER sip:pool.test SIP/2.0',
      `Via: SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK-12345-${call}-7`,
      'Max-Forwards: 70',
      `From: <sip:u${call}@pool.test>;tag=12345t${call}`,
      `To: <sip:u${call}@pool.test>`,
      `Call-ID: ${call}-12345@127.0.0.1`,
      'CSeq: 2 REGISTER',
      `Contact: <sip:u${call}@127.0.0.1:5062;transport=UDP>`,
      'Expires: 3600',
      `Authorization: Digest username="u${call}",realm="pool.test",cnonce="6b8b4567",nc=00000001,qop=auth,` +
        'uri="sip:127.0.0.1:5060",nonce="AZ1nS2pQ0000000000000000000000000000000000000000",' +
        'response="7ac0d2a6ae5d4f0d6e1f3e9ad0f80001",algorithm=MD5',
      'Supported: path, outbound, gruu',
      'User-Agent: bench/1.0',
      'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, MESSAGE',
      'Content-Length: 0\r\n\r\n',
    ].join('\r\n'),
  );

const MESSAGES = Array.from({ length: 1000 }, (_, call) => register(100_000 + call));
const ROUNDS = 12;
const CALLS = 50_000;
const ANSWER: [name: string, value: string][] = [
  ['Contact', '<sip:u100000@127.0.0.1:5062;transport=UDP>;expires=3600'],
  ['Date', 'Sat, 13 Nov 2010 23:29:00 GMT'],
];

let result: unknown;

/** Prints the microseconds of one call, in the fastest of several rounds. */
function measure(what: string, run: (call: number) => unknown): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let call = 0; call < CALLS; call++) result = run(call % MESSAGES.length);
    best = Math.min(best, ((performance.now() - start) * 1000) / CALLS);
  }
  console.log(`${what.padEnd(44)} ${best.toFixed(2).padStart(6)} µs`);
}

function parseAndRead(call: number): SipRequest {
  const request = parseMessage(MESSAGES[call]!) as SipRequest;
  for (const read of [topVia, from, to, cseq, callId, contacts, expires]) result = read(request);
  return request;
}

const requests = MESSAGES.map((_, call) => parseAndRead(call));
const framer = new MessageFramer();
console.log(
  `REGISTER of ${MESSAGES[0]!.length} bytes, ${requests[0]!.headers.size} header fields, Node ${process.version}`,
);
measure('parseMessage', (call) => parseMessage(MESSAGES[call]!));
measure('parseMessage and seven readers', parseAndRead);
measure('checkRequest of a request that was read', (call) => checkRequest(requests[call]!));
measure('createResponse and formatMessage', (call) =>
  formatMessage(createResponse(requests[call]!, 200, undefined, { toTag: 'a1b2c3d4', headers: ANSWER })),
);
measure('MessageFramer, one message a chunk', (call) => framer.push(MESSAGES[call]!));
if (result === undefined) throw new Error('nothing was measured');
