// One process with many phones: node answerer.ts UDP|TCP HOST:PORT USERS PREFIX
// It registers each of them, writes "ready", then answers every request with 200 until SIGTERM. UDP: one socket; TCP: a connection each.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { RecentMap } from '@rollcall/sip';
import { passwordOf } from '../relay/accounts.ts';
import { formatOk } from './answer-request.ts';
import { authorization, readChallenge } from './digest.ts';
import { targetOf } from './requester.ts';
import { runMany } from './run-many.ts';

const DOMAIN = 'pool.test';
const [transport, to, count, prefix] = process.argv.slice(2);
const target = targetOf(to!);
const users = Array.from({ length: Number(count) }, (_, index) => `${prefix}${index + 1}`);
const counts: Record<string, number> = {};
/** A request that is sent again counts once. */
const taken = new RecentMap<true>(20_000);
const answers = new Map<string, (text: string) => void>();

type Send = (text: string) => void;

function read(text: string, local: string, send: Send): void {
  if (text.startsWith('SIP/2.0 ')) {
    const callId = /^Call-ID: *(.*?)\r$/im.exec(text)?.[1] ?? '';
    if (!text.startsWith('SIP/2.0 1')) answers.get(callId)?.(text);
    return;
  }
  const method = text.slice(0, text.indexOf(' '));
  const branch = /^Via:[^\r]*?;branch=([^;,\r]+)/im.exec(text)?.[1] ?? '';
  if (!taken.get(`${branch} ${method}`)) counts[method] = (counts[method] ?? 0) + 1;
  taken.set(`${branch} ${method}`, true);
  if (method !== 'ACK') send(formatOk(text, method, `<sip:phone@${local};transport=${transport!.toLowerCase()}>`));
}

let made = 0;

/** REGISTER until 200: a challenge is answered, and what got lost is sent again. */
async function register(user: string, local: string, send: Send): Promise<void> {
  const callId = `${user}-${process.pid}@phones.invalid`;
  let credentials: string[] = [];
  for (let cseq = 1; cseq < 10; cseq++) {
    const request = [
      `REGISTER sip:${DOMAIN} SIP/2.0`,
      `Via: SIP/2.0/${transport} ${local};branch=z9hG4bK-${process.pid}-${++made};rport`,
      'Max-Forwards: 70',
      `From: <sip:${user}@${DOMAIN}>;tag=${user}`,
      `To: <sip:${user}@${DOMAIN}>`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} REGISTER`,
      `Contact: <sip:${user}@${local};transport=${transport!.toLowerCase()}>`,
      'Expires: 3600',
      ...credentials,
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n');
    const answer = await new Promise<string>((resolve) => {
      answers.set(callId, resolve);
      send(request);
      setTimeout(resolve, 2000, 'SIP/2.0 408 ');
    });
    if (answer.startsWith('SIP/2.0 200')) return;
    const challenge = /^WWW-Authenticate: *(.*?)\r$/im.exec(answer)?.[1];
    const login = { user, password: passwordOf(user) };
    credentials = challenge
      ? [`Authorization: ${authorization(readChallenge(challenge), login, 'REGISTER', `sip:${DOMAIN}`)}`]
      : [];
  }
  throw new Error(`${user} could not register at ${to}`);
}

async function openUdp(): Promise<(user: string) => Promise<void>> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20, sendBufferSize: 8 << 20 });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const local = `127.0.0.1:${socket.address().port}`;
  socket.on('message', (bytes, from) => {
    read(bytes.toString('latin1'), local, (text) => socket.send(Buffer.from(text, 'latin1'), from.port, from.address));
  });
  return (user) => register(user, local, (text) => socket.send(text, target.port, target.address));
}

async function registerTcp(user: string): Promise<void> {
  const socket = connect({ host: target.address, port: target.port, noDelay: true });
  await once(socket, 'connect');
  const local = `127.0.0.1:${socket.localPort}`;
  const send: Send = (text) => void socket.write(text, 'latin1');
  let held = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    held += chunk;
    for (let head = held.indexOf('\r\n\r\n'); head >= 0; head = held.indexOf('\r\n\r\n')) {
      const end = head + 4 + Number(/\r\nContent-Length: *(\d+)/i.exec(held)?.[1] ?? 0);
      if (held.length < end) return;
      read(held.slice(0, end), local, send);
      held = held.slice(end);
    }
  });
  await register(user, local, send);
}

await runMany(users, 50, transport === 'UDP' ? await openUdp() : registerTcp);
process.once('disconnect', () => process.exit()); // with the bench
process.on('SIGTERM', () => {
  console.log(JSON.stringify(counts));
  process.exit();
});
console.log('ready');
