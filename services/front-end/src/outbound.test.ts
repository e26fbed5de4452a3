import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Flow, listenUdp } from '@rollcall/sip';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Outbound, type OutboundOptions } from './outbound.ts';

const HOST = '127.0.0.1';
const closers: (() => unknown)[] = [];
let messages: string[];
let closed: string[];
let awaited: Set<Flow>;

beforeEach(() => {
  messages = [];
  closed = [];
  awaited = new Set();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const on = {
  message: (bytes: Buffer) => messages.push(String(bytes)),
  broken() {},
  closed: (flow: Flow) => closed.push(flow.id),
};

async function startOutbound(options: Partial<OutboundOptions> = {}): Promise<Outbound> {
  const udp = await listenUdp({ host: HOST, port: 0, on });
  const outbound = new Outbound({ udp, on, awaits: (flow) => awaited.has(flow), ...options });
  outbound.start();
  closers.push(
    () => udp.close(),
    () => outbound.stop(),
  );
  return outbound;
}

/** Another server, and the connections to it. */
async function otherServer(): Promise<{ port: number; sockets: Socket[]; close(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => {}).resume())).listen(0, HOST);
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  closers.push(close);
  return { port: (server.address() as { port: number }).port, sockets, close };
}

const REQUEST = 'OPTIONS sip:pool.test SIP/2.0\r\nContent-Length: 0\r\n\r\n';

it('requests to one server share a connection, and what it sends on it is heard', async () => {
  const [outbound, other] = [await startOutbound(), await otherServer()];
  const hop = { transport: 'TCP', host: HOST, port: other.port } as const;
  const flows = await Promise.all([outbound.flow(hop), outbound.flow(hop)]);
  expect(flows[1]).toBe(flows[0]);
  expect(await outbound.flow(hop)).toBe(flows[0]);
  await expect.poll(() => other.sockets.length).toBe(1);
  other.sockets[0]!.write(REQUEST);
  await expect.poll(() => messages).toEqual([REQUEST]);
});

it('a server that closed its connection, or refused one, is tried again', async () => {
  const [outbound, other] = [await startOutbound(), await otherServer()];
  const hop = { transport: 'TCP', host: HOST, port: other.port } as const;
  const first = await outbound.flow(hop);
  await expect.poll(() => other.sockets.length).toBe(1);
  other.sockets[0]!.destroy();
  await expect.poll(() => closed).toContain(first.id);
  expect(await outbound.flow(hop)).not.toBe(first);
  other.close();
  await expect.poll(() => outbound.connections).toBe(0);
  await expect(outbound.flow(hop)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(outbound.connections).toBe(0);
  const again = createServer((socket) => socket.on('error', () => {})).listen(other.port, HOST);
  closers.push(() => again.close());
  await once(again, 'listening');
  expect((await outbound.flow(hop)).closed).toBe(false);
});

it('a connection that nobody uses is closed, one that somebody waits on is not', async () => {
  const [outbound, idle, busy] = [await startOutbound({ idleMs: 300 }), await otherServer(), await otherServer()];
  const [first, second] = [
    await outbound.flow({ transport: 'TCP', host: HOST, port: idle.port }),
    await outbound.flow({ transport: 'TCP', host: HOST, port: busy.port }),
  ];
  awaited.add(second);
  await expect.poll(() => closed, { timeout: 5000 }).toContain(first.id);
  expect(second.closed).toBe(false);
});

it('there are never more connections than allowed: the one unused for longest makes room, and none that is waited on', async () => {
  const outbound = await startOutbound({ maximum: 2 });
  const servers = [await otherServer(), await otherServer(), await otherServer()];
  const flow = (index: number) => outbound.flow({ transport: 'TCP', host: HOST, port: servers[index]!.port });
  const [first, second] = [await flow(0), await flow(1)];
  awaited.add(first);
  await flow(1);
  const third = await flow(2);
  expect([first.closed, second.closed, third.closed]).toEqual([false, true, false]);
  awaited.add(third);
  await expect(flow(1)).rejects.toThrow('Too many connections');
  expect(outbound.connections).toBe(2);
});

it('TLS asks for the domain that was wanted, not for the address where it was found', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'example.net' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'example.net' }] }],
  });
  const { createServer: createTlsServer } = await import('node:tls');
  const names: unknown[] = [];
  const server = createTlsServer({
    cert,
    key,
    SNICallback: (name, done) => done(null, void names.push(name) as never),
  });
  server.on('tlsClientError', () => {}).listen(0, HOST);
  await once(server, 'listening');
  closers.push(() => server.close());
  const { port } = server.address() as { port: number };
  const outbound = await startOutbound();
  // Nobody has signed it.
  const attempt = outbound.flow({ transport: 'TLS', host: HOST, port, name: 'example.net' });
  await expect(attempt).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(names).toEqual(['example.net']);
  expect(outbound.connections).toBe(0);
});

it('UDP goes out from the port that clients know, and not to addresses of the other family', async () => {
  const outbound = await startOutbound();
  const other = await listenUdp({ host: HOST, port: 0, on });
  closers.push(() => other.close());
  const flow = await outbound.flow({ transport: 'UDP', host: HOST, port: other.address.port });
  flow.send(Buffer.from(REQUEST));
  await expect.poll(() => messages).toEqual([REQUEST]);
  await expect(outbound.flow({ transport: 'UDP', host: '::1', port: 5060 })).rejects.toThrow('does not reach');
});
