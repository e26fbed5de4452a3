// What a REGISTER costs in the transaction layer and in digest, in µs of one core, and what stays in memory of it.
// node --expose-gc bench/transaction.ts [count]
import {
  checkRequest,
  createResponse,
  type Flow,
  formatMessage,
  ha1,
  NonceIssuer,
  parseCredentials,
  parseMessage,
  type ServerTransaction,
  type SipRequest,
  TransactionLayer,
  verifyResponse,
} from '../packages/sip/src/index.ts';

const COUNT = Number(process.argv[2] ?? 250_000);
const collectGarbage = globalThis.gc;
if (!collectGarbage) throw new Error('Run it with --expose-gc');

const keys = [{ id: 1, secret: Buffer.alloc(32, 1) }];
const nonces = new NonceIssuer({ keys: () => keys, lifetimeSeconds: 300, clock: Date.now });
const nonce = nonces.issue();
const secret = ha1('MD5', 'alice', 'example.org', 'secret');
const authorization =
  `Digest username="alice", realm="example.org", nonce="${nonce}", uri="sip:example.org", algorithm=MD5, ` +
  `qop=auth, nc=00000001, cnonce="0a4f113b", response="${'0'.repeat(32)}"`;

function registerBytes(index: number): Buffer {
  return Buffer.from(
    [
      'REGISTER sip:example.org SIP/2.0',
      `Via: SIP/2.0/UDP 192.168.1.20:5060;rport;branch=z9hG4bK-524287-${index}-5f3a`,
      'Max-Forwards: 70',
      `From: <sip:user${index}@example.org>;tag=${index}`,
      `To: <sip:user${index}@example.org>`,
      `Call-ID: ${index}-3848276298220188511@192.168.1.20`,
      'CSeq: 2 REGISTER',
      `Contact: <sip:user${index}@192.168.1.20:5060>;expires=600`,
      'User-Agent: bench',
      `Authorization: ${authorization}`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  );
}

function flow(index: number): Flow {
  return {
    id: `udp:10.0.${index & 255}.${(index >> 8) & 255}:5060`,
    transport: 'UDP',
    reliable: false,
    remote: { address: '10.0.0.1', port: 5060 },
    local: { address: '10.0.0.2', port: 5060 },
    closed: false,
    send() {},
    close() {},
  };
}

const rows: [what: string, figure: string][] = [];

function measure(what: string, count: number, run: (index: number) => void): number {
  const start = process.hrtime.bigint();
  for (let index = 0; index < count; index++) run(index);
  const microseconds = Number(process.hrtime.bigint() - start) / count / 1_000;
  rows.push([what, `${microseconds.toFixed(2)} µs`]);
  return microseconds;
}

function memory(): number {
  collectGarbage?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const TAIL = [
  ['Contact', '<sip:user@192.168.1.20:5060>;expires=600'],
  ['Date', 'Sun, 22 Nov 2026 10:00:00 GMT'],
  ['Server', 'Rollcall'],
] as const;
const answer = (request: SipRequest) => createResponse(request, 200, 'OK', { toTag: 'abcdef', headers: TAIL });

function benchTransactions(): void {
  const respond = (request: SipRequest, transaction: ServerTransaction) => transaction.respond(answer(request));
  const warm = new TransactionLayer({ onRequest: respond, maximum: COUNT * 2 });
  eachRequest(20_000, (request, index) => warm.receive(request, flow(index)));
  warm.close();

  const bare = eachRequest(COUNT, (request, index) => flow(index).send(formatMessage(answer(request))));
  rows.push(['createResponse and formatMessage of a 200', `${bare.toFixed(2)} µs`]);
  const bytes = formatMessage(answer(parseMessage(registerBytes(0)) as SipRequest)).length;

  const before = memory();
  const layer = new TransactionLayer({ onRequest: respond, maximum: COUNT * 2 });
  const whole = eachRequest(COUNT, (request, index) => layer.receive(request, flow(index)));
  rows.push(['REGISTER through the layer: look up, create, respond, complete', `${(whole - bare).toFixed(2)} µs`]);
  rows.push([
    `a completed transaction with a response of ${bytes} bytes`,
    `${Math.round((memory() - before) / layer.size)} bytes`,
  ]);
  const again = eachRequest(COUNT, (request, index) => layer.receive(request, flow(index)));
  rows.push(['a retransmission, answered from memory', `${again.toFixed(2)} µs`]);
  layer.close();
}

/** µs that `run` takes for each of `count` requests, which come parsed and checked. */
function eachRequest(count: number, run: (request: SipRequest, index: number) => void): number {
  let spent = 0n;
  for (let first = 0; first < count; first += 1_000) {
    const requests = Array.from(
      { length: 1_000 },
      (_, index) => parseMessage(registerBytes(first + index)) as SipRequest,
    );
    for (const request of requests) checkRequest(request);
    const start = process.hrtime.bigint();
    for (let index = 0; index < requests.length; index++) run(requests[index]!, first + index);
    spent += process.hrtime.bigint() - start;
  }
  return Number(spent) / count / 1_000;
}

function benchDigest(): void {
  const credentials = parseCredentials(authorization)!;
  const request = { method: 'REGISTER', ha1: secret, body: Buffer.alloc(0) };
  for (let index = 0; index < 20_000; index++) {
    nonces.check(nonces.issue());
    verifyResponse(parseCredentials(authorization)!, request);
  }
  measure('issue a nonce', COUNT, () => nonces.issue());
  measure('parse credentials', COUNT, () => parseCredentials(authorization));
  measure('check a nonce', COUNT, () => nonces.check(nonce));
  measure('verify a response, MD5', COUNT, () => verifyResponse(credentials, request));
}

benchTransactions();
benchDigest();
for (const [what, figure] of rows) console.log(`${figure.padStart(12)}  ${what}`);
