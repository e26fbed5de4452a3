import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Flow } from '../transaction/index.ts';
import { ConnectTimeoutError, connectStream, type Listener, listenStream, listenUdp } from './index.ts';

const HOST = '127.0.0.1';
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const MESSAGE = Buffer.from('OPTIONS sip:pool.test SIP/2.0\r\nContent-Length: 0\r\n\r\n');

/** Keeps what came, and its flows. */
function recorder() {
  const seen = { messages: [] as string[], flows: [] as Flow[], closed: 0, pongs: 0, drops: [] as string[] };
  const on = {
    message: (bytes: Buffer) => seen.messages.push(String(bytes)),
    broken() {},
    opened: (flow: Flow) => seen.flows.push(flow),
    closed: () => {
      seen.closed += 1;
    },
    pong: () => {
      seen.pongs += 1;
    },
    dropped: (reason: string) => seen.drops.push(reason),
  };
  return { seen, on };
}

async function listening(on = recorder().on, limits = {}): Promise<Listener> {
  const listener = await listenStream({ host: HOST, port: 0, on, limits });
  open.push(listener);
  return listener;
}

/** A server of plain sockets. */
async function plainServer(): Promise<{ server: Server; port: number; accepted: Promise<Socket> }> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const accepted = once(server, 'connection').then(([socket]) => socket.on('error', () => {}) as Socket);
  open.push({ close: () => server.close() });
  return { server, port: (server.address() as { port: number }).port, accepted };
}

describe('an outgoing connection', () => {
  it('carries messages both ways, and keep-alives', async () => {
    const [there, here] = [recorder(), recorder()];
    const listener = await listening(there.on);
    const flow = await connectStream({ host: HOST, port: listener.address.port, on: here.on, timeoutMs: 1000 });
    open.push(flow);
    expect(flow).toMatchObject({ transport: 'TCP', reliable: true, remote: { address: HOST } });
    flow.send(MESSAGE);
    flow.ping();
    await expect.poll(() => there.seen.messages).toEqual([String(MESSAGE)]);
    there.seen.flows[0]!.send(MESSAGE);
    await expect.poll(() => here.seen.messages).toEqual([String(MESSAGE)]);
    await expect.poll(() => here.seen.pongs).toBe(1);
  });

  it('tells once that it is gone', async () => {
    const here = recorder();
    const { port, accepted } = await plainServer();
    const flow = await connectStream({ host: HOST, port, on: here.on, timeoutMs: 1000 });
    (await accepted).destroy();
    await expect.poll(() => here.seen.closed).toBe(1);
    expect(flow.closed).toBe(true);
  });

  it('is not closed for saying nothing, but for half a message', async () => {
    const here = recorder();
    const { port, accepted } = await plainServer();
    await connectStream({ host: HOST, port, on: here.on, timeoutMs: 1000, limits: { messageMs: 100 } });
    const other = await accepted;
    await new Promise((done) => setTimeout(done, 1300)); // longer than the sweep: the absence of something
    expect(here.seen.closed).toBe(0);
    other.write('OPTIONS sip:po');
    await expect.poll(() => here.seen.closed, { timeout: 5000 }).toBe(1);
    expect(here.seen.drops).toEqual(['silent-connection']);
  });

  it('that is refused fails at once', async () => {
    const { server, port } = await plainServer();
    await new Promise((done) => server.close(done));
    const attempt = connectStream({ host: HOST, port, on: recorder().on, timeoutMs: 1000 });
    await expect(attempt).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('whose TLS handshake nobody answers fails in time, and lets go of its socket', async () => {
    const { port, accepted } = await plainServer();
    const attempt = connectStream({ host: HOST, port, tls: {}, on: recorder().on, timeoutMs: 100 });
    const other = (await accepted).resume();
    await expect(attempt).rejects.toThrow(ConnectTimeoutError);
    await once(other, 'close');
  });

  it('that is given up fails, and lets go of its socket', async () => {
    const { port, accepted } = await plainServer();
    const stop = new AbortController();
    const attempt = connectStream({
      ...{ host: HOST, port, tls: {}, on: recorder().on, timeoutMs: 5000, signal: stop.signal },
    });
    const other = (await accepted).resume();
    stop.abort();
    await expect(attempt).rejects.toThrow('no longer wanted');
    await once(other, 'close');
  });
});

describe('what is sent in one turn', () => {
  it('arrives in one piece and in order; a lone message does not wait for another', async () => {
    const { seen, on } = recorder();
    const listener = await listening(on);
    const client = connect(listener.address.port, HOST);
    open.push({ close: () => client.destroy() });
    await expect.poll(() => seen.flows.length).toBe(1);
    const chunks: string[] = [];
    client.on('data', (chunk) => chunks.push(String(chunk)));
    const sent = Array.from({ length: 50 }, (_, index) => `message ${index}\r\n`);
    for (const text of sent) seen.flows[0]!.send(Buffer.from(text));
    await expect.poll(() => chunks.join('')).toBe(sent.join(''));
    expect(chunks).toHaveLength(1);
    seen.flows[0]!.send(Buffer.from('alone'));
    await expect.poll(() => chunks[1], { interval: 5, timeout: 200 }).toBe('alone');
  });

  it('is written before the connection is closed in good order', async () => {
    const { seen, on } = recorder();
    const listener = await listening(on);
    const client = connect(listener.address.port, HOST);
    await expect.poll(() => seen.flows.length).toBe(1);
    seen.flows[0]!.send(Buffer.from('the last word'));
    seen.flows[0]!.close();
    expect(String((await client.toArray())[0])).toBe('the last word');
  });

  it('is never more than a reader may leave unread', async () => {
    const { seen, on } = recorder();
    const listener = await listening(on, { unreadBytes: 1 << 20 });
    const client = connect(listener.address.port, HOST).pause();
    client.on('error', () => {});
    open.push({ close: () => client.destroy() });
    await expect.poll(() => seen.flows.length).toBe(1);
    const before = process.memoryUsage().arrayBuffers;
    for (let sent = 0; sent < 1000; sent += 1) seen.flows[0]!.send(Buffer.alloc(1 << 16));
    expect(seen.flows[0]!.closed).toBe(true);
    expect(seen.drops).toEqual(['slow-reader']);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80 << 20);
  });
});

it('UDP reaches an address that it has heard nothing from', async () => {
  const [there, here] = [recorder(), recorder()];
  const [a, b] = [
    await listenUdp({ host: HOST, port: 0, on: here.on }),
    await listenUdp({ host: HOST, port: 0, on: there.on }),
  ];
  open.push(a, b);
  const flow = a.flowTo(HOST, b.address.port);
  expect(flow.id).toBe(`udp:${HOST}:${b.address.port}`);
  flow.send(MESSAGE);
  await expect.poll(() => there.seen.messages).toEqual([String(MESSAGE)]);
});
