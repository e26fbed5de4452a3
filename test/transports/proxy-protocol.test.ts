import { once } from 'node:events';
import { BlockList, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

/** Where the balancer of this test connects from; tests of their own kind come from 127.0.0.1. */
const BALANCER = '127.0.0.2';
const PROXY = 'rollcall_sip_dropped_total{reason="proxy"}';
const V1 = 'PROXY TCP4 192.0.2.1 198.51.100.1 56324 5060\r\n';
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2 = Buffer.concat([SIGNATURE, Buffer.from('2111000cc0000201c6336401dc0413c4', 'hex')]);
const LOCAL = Buffer.concat([SIGNATURE, Buffer.from('20000000', 'hex')]);
const TLS_V2 = Buffer.concat([SIGNATURE, Buffer.from('21110014c0000201c6336401dc0413c42000050100000000', 'hex')]);

let pool: FrontEndPool;
beforeAll(async () => {
  const proxyNetworks = new BlockList();
  proxyNetworks.addAddress(BALANCER);
  pool = await startFrontEndPool({ proxyNetworks });
});
afterAll(() => pool.stop());

type Port = 'tcp' | 'tls' | 'http';

async function open(port: Port, from: string = BALANCER): Promise<Socket> {
  const [host, number] = pool.frontEnd.addresses[port].split(':');
  const socket = connect({ host: host!, port: Number(number), localAddress: from });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const options = (transport = 'TCP', uri = 'sip:example.org') =>
  [
    `OPTIONS ${uri} SIP/2.0`,
    `Via: SIP/2.0/${transport} client.invalid;branch=z9hG4bK${Math.random()};rport`,
    'From: <sip:a@example.org>;tag=1',
    `To: <${uri}>`,
    'Call-ID: c1',
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0\r\n\r\n',
  ].join('\r\n');

async function read(socket: Socket): Promise<string> {
  return String((await once(socket, 'data', { signal: AbortSignal.timeout(5000) }))[0]);
}

describe('a client behind a balancer is known by its own address', () => {
  it.each([
    { version: 'v1', header: V1 },
    { version: 'v2', header: V2 },
  ])('over TCP with a header of $version', async ({ header }) => {
    const socket = await open('tcp');
    socket.write(Buffer.concat([Buffer.from(header), Buffer.from(options())]));
    const answer = await read(socket);
    expect(answer).toContain('received=192.0.2.1');
    expect(answer).toContain('rport=56324');
    socket.destroy();
  });

  it('when the header comes byte by byte', async () => {
    const socket = await open('tcp');
    socket.setNoDelay();
    for (const byte of V2) {
      socket.write(Buffer.of(byte));
      await sleep(1);
    }
    socket.write(options());
    expect(await read(socket)).toContain('received=192.0.2.1');
    socket.destroy();
  });

  it('over TLS, where the header comes before the handshake, also with it in one packet', async () => {
    for (const together of [false, true]) {
      const raw = await open('tls');
      if (together) raw.cork();
      raw.write(V1);
      const socket = connectTls({ socket: raw, rejectUnauthorized: false });
      if (together) setImmediate(() => raw.uncork());
      await once(socket, 'secureConnect');
      socket.write(options('TLS'));
      expect(await read(socket)).toContain('received=192.0.2.1');
      socket.destroy();
    }
  });

  it('and over the transport that it speaks, when the balancer ends its TLS', async () => {
    const sample = 'rollcall_sip_requests_received_total{method="OPTIONS",transport="TLS"}';
    const before = await pool.metric(sample);
    const socket = await open('tcp');
    socket.write(TLS_V2);
    socket.write(options('TLS'));
    expect(await read(socket)).toContain('received=192.0.2.1');
    expect(await pool.metric(sample)).toBe(before + 1);
    socket.destroy();
  });

  it('over HTTP', async () => {
    const socket = await open('http');
    socket.write(V2);
    socket.write('GET /healthz HTTP/1.1\r\nHost: pool\r\n\r\n');
    expect(await read(socket)).toMatch(/^HTTP\/1.1 200 /);
    socket.write('GET /readyz HTTP/1.1\r\nHost: pool\r\nConnection: close\r\n\r\n');
    expect(await read(socket)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('and reaches the pool at the address of the balancer, which is a name of its domain and in Service-Route', async () => {
    const account = await pool.addAccount('balanced');
    const alice = await SipClient.open(account, { transport: 'TCP', to: pool.frontEnd.addresses.tcp, from: BALANCER });
    alice.connection.send(V1);
    const answer = await alice.register({
      uri: 'sip:198.51.100.1',
      to: '<sip:balanced@198.51.100.1>',
      contacts: [alice.contact()],
    });
    expect(answer.status).toBe(200);
    expect(answer.header('Service-Route')).toBe('<sip:198.51.100.1:5060;transport=tcp;lr>');
    expect(await pool.backEnd.listEndpoints(account)).toMatchObject([{ receivedFrom: '192.0.2.1:56324' }]);
    await alice.close();
  });
});

describe('a balancer', () => {
  it.each(['PROXY UNKNOWN\r\n', LOCAL])('that speaks for itself is known by its own address', async (header) => {
    const socket = await open('tcp');
    socket.write(header);
    socket.write(options());
    expect(await read(socket)).toContain(`received=${BALANCER}`);
    socket.destroy();
  });

  it('may try a port without a word', async () => {
    const before = await pool.metric(PROXY);
    for (const port of ['tcp', 'tls', 'http'] as const) {
      const socket = await open(port);
      await once(socket.end().resume(), 'close');
    }
    expect(await pool.metric(PROXY)).toBe(before);
  });

  it.each([
    ['sends no header', options()],
    ['sends a malformed one', 'PROXY TCP4 192.0.2.1 198.51.100.1 99999 5060\r\n'],
    ['sends one that declares 64 KB', Buffer.concat([SIGNATURE, Buffer.from('2111ffff', 'hex')])],
    ['hangs up within the header', V2.subarray(0, 20)],
    ['sends a second one', V1 + V1],
  ])('that %s is cut off and counted; others go on', async (_what, bytes) => {
    for (const port of ['tcp', 'http'] as const) {
      if (bytes === V1 + V1 && port === 'http') continue;
      const before = await pool.metric(PROXY);
      const socket = await open(port);
      socket.resume().end(bytes);
      if (!socket.closed) await once(socket, 'close', { signal: AbortSignal.timeout(2000) });
      await expect.poll(() => pool.metric(PROXY)).toBe(before + 1);
    }
    const bob = await pool.client({ transport: 'TCP' });
    expect((await bob.exchange({ method: 'OPTIONS' })).status).toBe(200);
  });

  it('that is silent is cut off after three seconds', async () => {
    const before = await pool.metric(PROXY);
    const sockets = await Promise.all([open('tcp'), open('tls'), open('http')]);
    const opened = performance.now();
    await Promise.all(sockets.map((socket) => once(socket.resume(), 'close', { signal: AbortSignal.timeout(5000) })));
    expect(performance.now() - opened).toBeGreaterThan(2500);
    expect(await pool.metric(PROXY)).toBe(before + 3);
  });
});

describe('somebody who is no balancer', () => {
  it.each([
    ['tcp', V1],
    ['tcp', V2],
    ['http', V1],
    ['http', V2],
  ] as const)('and sends a PROXY header to the %s port is cut off and counted', async (port, header) => {
    const before = await pool.metric(PROXY);
    const socket = await open(port, '127.0.0.3');
    socket.resume().write(header);
    socket.write(port === 'tcp' ? options() : 'GET /healthz HTTP/1.1\r\nHost: pool\r\n\r\n');
    await once(socket, 'close', { signal: AbortSignal.timeout(5000) });
    await expect.poll(() => pool.metric(PROXY)).toBe(before + 1);
  });

  it('and sends one to the TLS port fails the handshake, which is counted', async () => {
    const sample = 'rollcall_sip_dropped_total{reason="tls-handshake"}';
    const before = await pool.metric(sample);
    const socket = await open('tls', '127.0.0.3');
    socket.resume().write(V1);
    await once(socket, 'close', { signal: AbortSignal.timeout(5000) });
    await expect.poll(() => pool.metric(sample)).toBe(before + 1);
  });
});
