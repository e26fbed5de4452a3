import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Flow } from '../transaction/index.ts';
import { asksForWebSocket, serveWebSockets, type WebSocketListener, type WebSocketOptions } from './index.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Served {
  listener: WebSocketListener;
  drops: string[];
  flows: Flow[];
  closed: number;
  /** A client whose handshake is done. */
  client(options?: { autoPong?: boolean }): Promise<WebSocket>;
  url: string;
}

/** A server that answers each message as `answer` says. */
async function serve(limits: WebSocketOptions['limits'], answer: (flow: Flow) => void = () => {}): Promise<Served> {
  const server = createServer({ shouldUpgradeCallback: asksForWebSocket }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => server.close());
  const served = { drops: [] as string[], flows: [] as Flow[], closed: 0 };
  const on = {
    message(_bytes: Buffer, flow: Flow) {
      served.flows.push(flow);
      answer(flow);
    },
    broken() {},
    dropped: (reason: string) => void served.drops.push(reason),
    closed() {
      served.closed += 1;
    },
  };
  const listener = serveWebSockets(server, { on, ...(limits && { limits }) });
  open.push(() => listener.close());
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return Object.assign(served, {
    listener,
    url,
    async client(options = {}) {
      const socket = new WebSocket(url, 'sip', options);
      socket.on('error', () => {});
      open.push(() => socket.terminate());
      await once(socket, 'open');
      return socket;
    },
  });
}

const closing = (socket: WebSocket) => once(socket, 'close', { signal: AbortSignal.timeout(10_000) });

describe('what is sent in one turn', () => {
  /** Bytes that come on the connection, packet by packet, and messages. */
  async function answered(served: Served) {
    const socket = await served.client();
    const came = { packets: 0, messages: [] as string[] };
    (socket as unknown as { _socket: Socket })._socket.on('data', () => {
      came.packets += 1;
    });
    socket.on('message', (bytes) => came.messages.push(String(bytes)));
    socket.send('a message');
    return came;
  }

  it('arrives in one piece and in order', async () => {
    const texts = Array.from({ length: 50 }, (_, index) => `message ${index}`);
    const came = await answered(
      await serve({}, (flow) => {
        for (const text of texts) flow.send(Buffer.from(text));
      }),
    );
    await expect.poll(() => came.messages).toEqual(texts);
    expect(came.packets).toBe(1);
  });

  it('may be more than a slow reader may leave unread, for one that reads', async () => {
    const bytes = Buffer.alloc(1 << 14, 'a');
    const served = await serve({ unreadBytes: 250_000 }, (flow) => {
      for (let sent = 0; sent < 20; sent += 1) flow.send(bytes);
    });
    const came = await answered(served);
    await expect.poll(() => came.messages.length + served.drops.length, { timeout: 5000 }).toBeGreaterThanOrEqual(20);
    expect(served.drops).toEqual([]);
  });
});

describe('a WebSocket', () => {
  it('that never says a word is closed, one that spoke stays; its flow is told to be closed', async () => {
    const served = await serve({ messageMs: 300 });
    const [silent, speaking] = [await served.client(), await served.client()];
    speaking.send('a message');
    await closing(silent);
    expect(served.drops).toEqual(['silent-connection']);
    await expect.poll(() => served.closed).toBe(1);
    expect(served.listener.connections).toBe(1);
    expect(served.flows.map(({ transport, reliable, closed }) => ({ transport, reliable, closed }))).toEqual([
      { transport: 'WS', reliable: true, closed: false },
    ]);
  });

  it('that spoke once and then nothing but pongs is closed in the end', async () => {
    const served = await serve({ idleMs: 1500, pingMs: 500 });
    const socket = await served.client();
    socket.send('a message');
    await closing(socket);
    expect(served.drops).toEqual(['silent-connection']);
  });

  it('that never ends a message that it has begun is closed, though it answers pings; one that does stays', async () => {
    const served = await serve({ messageMs: 1500, pingMs: 500 });
    const [stuck, slow] = [await served.client(), await served.client()];
    let pings = 0;
    stuck.on('ping', () => {
      pings += 1;
    });
    for (const socket of [stuck, slow]) {
      socket.send('a whole message');
      socket.send('half a ', { fin: false });
    }
    const drip = setInterval(() => stuck.send('x', { fin: false }), 50);
    open.push(() => clearInterval(drip));
    slow.send('message', { fin: true });
    await closing(stuck);
    expect(pings).toBeGreaterThan(0);
    expect(served.drops).toEqual(['silent-connection']);
    await expect.poll(() => served.listener.connections).toBe(1);
    expect(served.flows).toHaveLength(3);
    expect(slow.readyState).toBe(WebSocket.OPEN);
  });

  it('whose message comes in crumbs is closed: each costs more than it brings', async () => {
    const served = await serve({});
    const socket = await served.client();
    for (let crumb = 0; crumb < 3000; crumb++) socket.send('x', { fin: false });
    expect((await closing(socket))[0]).toBe(1008);
    expect(served.drops).toEqual(['websocket-frame']);
  });

  it('is pinged; one that does not answer is cut off', async () => {
    const served = await serve({ pingMs: 500 });
    const [present, gone] = [await served.client(), await served.client({ autoPong: false })];
    let pings = 0;
    present.on('ping', () => {
      pings += 1;
    });
    await closing(gone);
    await expect.poll(() => pings, { timeout: 5000 }).toBeGreaterThan(2);
    expect(present.readyState).toBe(WebSocket.OPEN);
    expect(served.drops).toEqual(['silent-connection']);
  });

  it('that leaves its answers unread is cut off', async () => {
    const big = Buffer.alloc(60_000, 'x');
    const served = await serve({ unreadBytes: 100_000 }, (flow) => {
      for (let sent = 0; sent < 200; sent++) flow.send(big);
    });
    const socket = await served.client();
    socket.pause();
    socket.send('a message');
    await expect.poll(() => served.drops, { timeout: 5000 }).toEqual(['slow-reader']);
    expect(served.flows[0]?.closed).toBe(true);
    await expect.poll(() => served.listener.connections).toBe(0);
  });

  it('too many is refused with 503', async () => {
    const served = await serve({ connections: 1 });
    await served.client();
    const refused = new WebSocket(served.url, 'sip');
    const [error] = await once(refused, 'error');
    expect(error.message).toContain('503');
    expect(served.drops).toEqual(['too-many-connections']);
  });

  it('gets a body that is not UTF-8 in a binary frame', async () => {
    const served = await serve({}, (flow) => flow.send(Buffer.from([0xff, 0xfe])));
    const socket = await served.client();
    socket.send('a message');
    const [bytes, binary] = await once(socket, 'message');
    expect([...bytes]).toEqual([0xff, 0xfe]);
    expect(binary).toBe(true);
  });

  it('whose client does not answer the closing handshake does not hold up the end', async () => {
    const served = await serve({});
    const socket = await served.client();
    socket.pause();
    const started = performance.now();
    await served.listener.close();
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
