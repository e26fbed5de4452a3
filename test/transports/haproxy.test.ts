import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { BlockList, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAnswer, SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

/** HAProxy connects to the front end from here, clients to HAProxy from 127.0.0.1. */
const BALANCER = '127.0.0.2';

let pool: FrontEndPool;
let folder: string;
let haproxy: ChildProcess;
let ports: { v1: number; v2: number; crc32c: number; tls: number; wss: number };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-haproxy-'));
  const proxyNetworks = new BlockList();
  proxyNetworks.addAddress(BALANCER);
  pool = await startFrontEndPool({ proxyNetworks, dataFolder: folder });
  ports = {
    v1: await freePort(),
    v2: await freePort(),
    crc32c: await freePort(),
    tls: await freePort(),
    wss: await freePort(),
  };
  const { v1, v2, crc32c, tls, wss } = ports;
  const pem = await Promise.all(['key', 'crt'].map((part) => readFile(join(folder, `self-signed.${part}`), 'utf8')));
  await writeFile(join(folder, 'both.pem'), pem.join('\n'));
  const { addresses } = pool.frontEnd;
  const listen = (name: string, port: number, to: string, how: string, mode = 'tcp', bind = '') =>
    [
      `listen ${name}`,
      `  mode ${mode}`,
      `  bind 127.0.0.1:${port} ${bind}`,
      `  server f1 ${to} source ${BALANCER} ${how}`,
    ].join('\n');
  const config = [
    'defaults\n  default-server check inter 100ms fall 1000\n  timeout connect 2s\n  timeout client 30s\n  timeout server 30s\n  timeout tunnel 1h',
    listen('v1', v1, addresses.tcp, 'send-proxy'),
    listen('v2', v2, addresses.tcp, 'send-proxy-v2'),
    listen('crc32c', crc32c, addresses.tcp, 'send-proxy-v2 proxy-v2-options crc32c'),
    listen('tls', tls, addresses.tls, 'send-proxy-v2'),
    listen('wss', wss, addresses.ws, 'send-proxy-v2-ssl', 'http', `ssl crt ${join(folder, 'both.pem')}`),
    '',
  ].join('\n');
  await writeFile(join(folder, 'haproxy.cfg'), config);
  haproxy = spawn('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: ['ignore', 'ignore', 'inherit'] });
  await vi.waitUntil(() => answers(wss), { timeout: 5000 });
});

afterAll(async () => {
  if (haproxy?.exitCode === null) {
    const ended = once(haproxy, 'exit');
    haproxy.kill('SIGKILL');
    await ended;
  }
  await pool?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}

it.each([
  { way: 'v1', transport: 'TCP' },
  { way: 'v2', transport: 'TCP' },
  { way: 'crc32c', transport: 'TCP' },
  { way: 'tls', transport: 'TLS' },
] as const)(
  'a phone that registers through HAProxy ($way) is listed with its own address',
  async ({ way, transport }) => {
    const account = await pool.addAccount(`user-${way}`);
    const alice = await SipClient.open(account, { transport, to: `127.0.0.1:${ports[way]}` });
    const answer = await alice.register({ contacts: [alice.contact()] });
    expect(answer.status).toBe(200);
    expect(answer.header('Via')).toContain(`rport=${alice.connection.local.port}`);
    expect(answer.header('Service-Route')).toContain(`127.0.0.1:${ports[way]};`);
    expect(await pool.backEnd.listEndpoints(account)).toMatchObject([
      { transport, receivedFrom: `127.0.0.1:${alice.connection.local.port}` },
    ]);
    await alice.close();
  },
);

it('a web page that registers over wss, whose TLS HAProxy ends, is listed as WSS with its own address', async () => {
  const account = await pool.addAccount('user-wss');
  const alice = await pool.client({ account });
  const socket = new WebSocket(`wss://127.0.0.1:${ports.wss}/sip`, 'sip', { rejectUnauthorized: false });
  let local = 0;
  socket.once('upgrade', (response) => {
    local = response.socket.localPort ?? 0;
  });
  await once(socket, 'open');
  const exchange = async (headers: [string, string][]) => {
    const via = `SIP/2.0/WSS a.invalid;branch=z9hG4bK${headers.length}`;
    socket.send(alice.request({ contacts: ['<sip:x@a.invalid;transport=ws>'], via, headers }));
    const [bytes] = await once(socket, 'message', { signal: AbortSignal.timeout(5000) });
    return readAnswer(String(bytes));
  };
  const answer = await exchange([['Authorization', alice.authorization(await exchange([]))]]);
  expect(answer.status).toBe(200);
  expect(await pool.backEnd.listEndpoints(account)).toMatchObject([
    { transport: 'WSS', receivedFrom: `127.0.0.1:${local}` },
  ]);
  socket.terminate();
});

it('the checks of HAProxy are no offence', async () => {
  expect(await pool.metric('rollcall_sip_dropped_total{reason="proxy"}')).toBe(0);
});
