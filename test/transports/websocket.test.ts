import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { BlockList, connect } from 'node:net';
import { readAnswer } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

const DROPPED = (reason: string) => `rollcall_sip_dropped_total{reason="${reason}"}`;

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

async function open(frontEnd = pool.frontEnd): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${frontEnd.addresses.ws}/sip`, 'sip');
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}

async function next(socket: WebSocket): Promise<{ text: string; binary: boolean }> {
  const [bytes, binary] = await once(socket, 'message', { signal: AbortSignal.timeout(5000) });
  return { text: String(bytes), binary };
}

const HANDSHAKE = {
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Protocol': 'sip',
};

/** The answer to a handshake with these header fields in place of right ones. */
async function handshake(
  changes: Record<string, string | undefined>,
  { path = '/sip', frontEnd = pool.frontEnd, method = 'GET' } = {},
): Promise<IncomingMessage> {
  const headers = Object.fromEntries(
    Object.entries({ ...HANDSHAKE, ...changes }).filter(([, value]) => value !== undefined),
  ) as Record<string, string>;
  const request = httpRequest(`http://${frontEnd.addresses.ws}${path}`, { headers, method });
  request.end();
  const signal = AbortSignal.timeout(5000);
  const [response] = await Promise.race([once(request, 'response', { signal }), once(request, 'upgrade', { signal })]);
  response.socket.destroy();
  return response;
}

describe('a phone in a browser (RFC 7118)', () => {
  it('registers, is listed with its transport, and needs no password again on its connection', async () => {
    const alice = await pool.client({ transport: 'WS' });
    const contact = '<sip:x7k2@df7jal23ls0d.invalid;transport=ws>';
    const via = (branch: string) => `SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK${branch}`;
    const challenged = await alice.exchange({ contacts: [contact], via: via('1') });
    expect(challenged.status).toBe(401);
    expect(challenged.header('Via')).toContain(';received=127.0.0.1');
    const answer = await alice.answerChallenge(challenged, { contacts: [contact], via: via('2') });
    expect(answer.status).toBe(200);
    expect(answer.contacts[0]?.uri).toBe('sip:x7k2@df7jal23ls0d.invalid;transport=ws');
    expect(answer.header('Service-Route')).toBe(`<sip:${pool.frontEnd.addresses.ws};transport=ws;lr>`);
    expect((await alice.exchange({ contacts: [contact], via: via('3') })).status).toBe(200);
    expect(await pool.backEnd.listEndpoints(alice.account)).toMatchObject([
      { transport: 'WS', receivedFrom: `127.0.0.1:${alice.connection.local.port}` },
    ]);
  });

  it('is answered in the kind of frame that it sends: text, or binary', async () => {
    const alice = await pool.client();
    const socket = await open();
    const request = () => alice.request({ method: 'OPTIONS' });
    socket.send(request());
    expect(await next(socket)).toEqual({ text: expect.stringMatching(/^SIP\/2\.0 200 OK\r\n/), binary: false });
    socket.send(Buffer.from(request()));
    expect(await next(socket)).toEqual({ text: expect.stringMatching(/^SIP\/2\.0 200 OK\r\n/), binary: true });
    socket.terminate();
  });

  it('needs no Content-Length, since a frame is one message; one in fragments is one too', async () => {
    const alice = await pool.client({ transport: 'WS' });
    const request = alice.request({ method: 'OPTIONS' }).replace('Content-Length: 0\r\n', '');
    expect((await alice.exchange(request)).status).toBe(200);
    const socket = await open();
    const text = alice.request({ method: 'OPTIONS' });
    for (let at = 0; at < text.length; at += 100) {
      socket.send(text.slice(at, at + 100), { fin: at + 100 >= text.length });
    }
    expect((await next(socket)).text).toMatch(/^SIP\/2\.0 200 /);
    socket.terminate();
  });

  it('that sends two messages in a frame is told so', async () => {
    const alice = await pool.client({ transport: 'WS' });
    const [one, two] = [alice.request({ method: 'OPTIONS' }), alice.request({ method: 'OPTIONS' })];
    expect((await alice.exchange(one + two)).status).toBe(400);
    expect(await alice.connection.collect(100)).toEqual([]);
  });

  it('keeps its connection alive with CRLF CRLF as with pings', async () => {
    const alice = await pool.client({ transport: 'WS' });
    for (let ping = 1; ping <= 3; ping++) {
      alice.connection.send('\r\n\r\n');
      await expect.poll(() => alice.connection.pongs).toBe(ping);
    }
    const socket = await open();
    socket.ping('are you there');
    expect(String((await once(socket, 'pong', { signal: AbortSignal.timeout(5000) }))[0])).toBe('are you there');
    socket.terminate();
  });

  it('that comes through a balancer which ends its TLS is known as WSS, by its own address', async () => {
    const proxyNetworks = new BlockList();
    proxyNetworks.addAddress('127.0.0.2');
    const frontEnd = await pool.addFrontEnd({ proxyNetworks });
    const account = await pool.addAccount('secure');
    const alice = await pool.client({ account });
    const [host, port] = frontEnd.addresses.ws.split(':');
    const createConnection = () => {
      const socket = connect({ host: host!, port: Number(port), localAddress: '127.0.0.2' });
      socket.write(Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'));
      socket.write(Buffer.from('21110014c0000201c6336401dc0401bb2000050100000000', 'hex'));
      return socket;
    };
    const socket = new WebSocket(`ws://${frontEnd.addresses.ws}/sip`, 'sip', { createConnection });
    await once(socket, 'open');
    const contacts = ['<sip:x@a.invalid;transport=ws>'];
    const via = 'SIP/2.0/WSS a.invalid;branch=z9hG4bK';
    socket.send(alice.request({ contacts, via: `${via}1`, headers: [['X-Forwarded-For', '203.0.113.9']] }));
    const challenged = readAnswer((await next(socket)).text);
    const authorization = alice.authorization(challenged);
    socket.send(alice.request({ contacts, via: `${via}2`, headers: [['Authorization', authorization]] }));
    const answer = readAnswer((await next(socket)).text);
    expect(answer.status).toBe(200);
    expect(answer.header('Service-Route')).toBe('<sip:198.51.100.1:443;transport=ws;lr>');
    expect(await pool.backEnd.listEndpoints(account)).toMatchObject([
      { transport: 'WSS', receivedFrom: '192.0.2.1:56324' },
    ]);
    socket.terminate();
  });
});

describe('a handshake', () => {
  it.each([
    { what: 'without a sub-protocol', changes: { 'Sec-WebSocket-Protocol': undefined }, status: 400 },
    { what: 'for another sub-protocol', changes: { 'Sec-WebSocket-Protocol': 'xmpp, sips' }, status: 400 },
    { what: 'without a key', changes: { 'Sec-WebSocket-Key': undefined }, status: 400 },
    { what: 'of an old version', changes: { 'Sec-WebSocket-Version': '8' }, status: 426 },
  ])('$what is refused with $status and counted', async ({ changes, status }) => {
    const before = await pool.metric(DROPPED('websocket-handshake'));
    const response = await handshake(changes);
    expect(response.statusCode).toBe(status);
    if (status === 426) expect(response.headers['sec-websocket-version']).toBe('13');
    expect(await pool.metric(DROPPED('websocket-handshake'))).toBe(before + 1);
  });

  it('that offers sip among others gets sip', async () => {
    const response = await handshake({ 'Sec-WebSocket-Protocol': 'xmpp, sip' });
    expect(response.statusCode).toBe(101);
    expect(response.headers['sec-websocket-protocol']).toBe('sip');
  });

  it('at another path is not there; a plain GET of /sip is told what it is for; other upgrades are passed over', async () => {
    expect((await handshake({}, { path: '/elsewhere' })).statusCode).toBe(404);
    const plain = await fetch(`http://${pool.frontEnd.addresses.http}/sip`);
    expect(plain.status).toBe(426);
    expect(plain.headers.get('upgrade')).toBe('websocket');
    expect((await handshake({ Upgrade: 'h2c' }, { path: '/healthz' })).statusCode).toBe(200);
  });

  it('from any origin is taken, unless --ws-origins says otherwise', async () => {
    expect((await handshake({ Origin: 'https://anywhere.test' })).statusCode).toBe(101);
    const frontEnd = await pool.addFrontEnd({ wsOrigins: ['https://phone.example.org'] });
    expect((await handshake({ Origin: 'https://anywhere.test' }, { frontEnd })).statusCode).toBe(403);
    expect((await handshake({ Origin: 'https://phone.example.org' }, { frontEnd })).statusCode).toBe(101);
    expect((await handshake({}, { frontEnd })).statusCode).toBe(101);
  });
});

describe('what is wrong on a WebSocket ends it, is counted, and troubles nobody else', () => {
  it.each([
    ['a message of more than 64 KB', (socket: WebSocket) => socket.send('x'.repeat(65_537)), 'too-large', 1009],
    [
      'text that is not UTF-8',
      (socket: WebSocket) => socket.send(Buffer.from([0xc3, 0x28]), { binary: false }),
      'websocket-frame',
      1007,
    ],
  ])('%s', async (_what, send, reason, code) => {
    const before = await pool.metric(DROPPED(reason));
    const [socket, bob] = [await open(), await pool.client({ transport: 'WS' })];
    send(socket);
    expect((await once(socket, 'close', { signal: AbortSignal.timeout(5000) }))[0]).toBe(code);
    expect(await pool.metric(DROPPED(reason))).toBe(before + 1);
    expect((await bob.exchange({ method: 'OPTIONS' })).status).toBe(200);
  });

  it('garbage in a frame is no request; what can be answered is', async () => {
    const before = await pool.metric(DROPPED('malformed'));
    const alice = await pool.client({ transport: 'WS' });
    alice.connection.send('garbage\r\n\r\n');
    alice.connection.send(Buffer.alloc(100));
    expect((await alice.exchange({ method: 'OPTIONS', headers: [['Max-Forwards', 'x']] })).status).toBe(400);
    expect(await pool.metric(DROPPED('malformed'))).toBe(before + 3);
  });
});

describe('connections', () => {
  it('are counted while they are open', async () => {
    const before = await pool.metric('rollcall_ws_connections');
    const sockets = [await open(), await open()];
    expect(await pool.metric('rollcall_ws_connections')).toBe(before + 2);
    for (const socket of sockets) socket.close();
    await expect.poll(() => pool.metric('rollcall_ws_connections')).toBe(before);
  });

  it('are told that the front end goes away', async () => {
    const frontEnd = await pool.addFrontEnd();
    const socket = await open(frontEnd);
    const closed = once(socket, 'close', { signal: AbortSignal.timeout(5000) });
    await frontEnd.stop();
    expect((await closed)[0]).toBe(1001);
  });
});
