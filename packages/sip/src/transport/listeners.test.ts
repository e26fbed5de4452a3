import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createResponse, formatMessage, parseMessage, type SipRequest, topVia } from '../message/index.ts';
import type { Flow } from '../transaction/index.ts';
import { type Listener, type ListenerEvents, listenStream, listenUdp, responseFlow } from './index.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** Answers every request 200, and keeps what happened. */
class Recorder implements ListenerEvents {
  messages: SipRequest[] = [];
  flows: Flow[] = [];
  breaks: string[] = [];
  drops: string[] = [];
  closed_ = 0;

  message(bytes: Buffer, flow: Flow): void {
    const request = parseMessage(bytes, { stream: flow.reliable }) as SipRequest;
    this.messages.push(request);
    this.flows.push(flow);
    responseFlow(flow, topVia(request)).send(formatMessage(createResponse(request, 200)));
  }
  broken(frame: { kind: string }): void {
    this.breaks.push(frame.kind);
  }
  closed(): void {
    this.closed_ += 1;
  }
  dropped(reason: string): void {
    this.drops.push(reason);
  }
}

function options(via: string): string {
  return [
    'OPTIONS sip:pool.test SIP/2.0',
    `Via: ${via}`,
    'From: <sip:a@pool.test>;tag=1',
    'To: <sip:pool.test>',
    'Call-ID: c1',
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

const kept = <T extends Listener>(listener: T): T => {
  open.push(listener);
  return listener;
};

async function udpClient(): Promise<{ socket: UdpSocket; port: number; next(): Promise<string> }> {
  const socket = createSocket('udp4');
  open.push({ close: () => new Promise<void>((done) => socket.close(() => done())) });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    socket,
    port: socket.address().port,
    next: async () => String((await once(socket, 'message', { signal: AbortSignal.timeout(2000) }))[0]),
  };
}

describe('UDP', () => {
  it('answers where the Via says, and at the source port for a client that asks with rport', async () => {
    const recorder = new Recorder();
    const listener = kept(await listenUdp({ host: '127.0.0.1', port: 0, on: recorder }));
    const [sender, other] = [await udpClient(), await udpClient()];

    sender.socket.send(
      options(`SIP/2.0/UDP 127.0.0.1:${other.port};branch=z9hG4bK1`),
      listener.address.port,
      '127.0.0.1',
    );
    expect(await other.next()).toMatch(/^SIP\/2.0 200 /);

    const answer = sender.next();
    sender.socket.send(
      options(`SIP/2.0/UDP 127.0.0.1:${other.port};branch=z9hG4bK2;rport`),
      listener.address.port,
      '127.0.0.1',
    );
    expect(await answer).toMatch(/^SIP\/2.0 200 /);
    expect(recorder.flows[1]).toMatchObject({ id: `udp:127.0.0.1:${sender.port}`, reliable: false });
  });

  it('takes keep-alives and runts off without troubling anyone', async () => {
    const recorder = new Recorder();
    const listener = kept(await listenUdp({ host: '127.0.0.1', port: 0, on: recorder }));
    const client = await udpClient();
    for (const text of ['\r\n\r\n', '\0\0\0\0', 'hello']) client.socket.send(text, listener.address.port, '127.0.0.1');
    const answer = client.next();
    client.socket.send(
      options(`SIP/2.0/UDP 127.0.0.1:${client.port};branch=z9hG4bK3`),
      listener.address.port,
      '127.0.0.1',
    );
    await answer;
    expect(recorder.drops).toEqual(['keep-alive', 'keep-alive', 'runt']);
    expect(recorder.messages).toHaveLength(1);
  });

  it('survives a response port that nothing can be sent to', async () => {
    const recorder = new Recorder();
    const listener = kept(await listenUdp({ host: '127.0.0.1', port: 0, on: recorder }));
    const client = await udpClient();
    client.socket.send(options('SIP/2.0/UDP 127.0.0.1:0;branch=z9hG4bK4'), listener.address.port, '127.0.0.1');
    await expect.poll(() => recorder.drops.length + recorder.messages.length).toBeGreaterThan(0);
    const answer = client.next();
    client.socket.send(
      options(`SIP/2.0/UDP 127.0.0.1:${client.port};branch=z9hG4bK5`),
      listener.address.port,
      '127.0.0.1',
    );
    expect(await answer).toMatch(/^SIP\/2.0 200 /);
  });
});

describe('TCP', () => {
  async function tcpClient(listener: Listener): Promise<Socket> {
    const socket = connect(listener.address.port, '127.0.0.1');
    socket.on('error', () => {});
    open.push({ close: () => socket.destroy() });
    await once(socket, 'connect');
    return socket;
  }
  const via = 'SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK';

  it('answers every request on the connection that it came on, however it was cut', async () => {
    const recorder = new Recorder();
    const listener = kept(await listenStream({ host: '127.0.0.1', port: 0, on: recorder }));
    const client = await tcpClient(listener);
    let received = '';
    client.on('data', (chunk) => {
      received += chunk;
    });
    const text = options(`${via}1`) + options(`${via}2`);
    client.write(text.slice(0, 50));
    await sleep(20);
    client.write(text.slice(50, text.length - 7));
    await sleep(20);
    client.write(text.slice(-7));
    await expect.poll(() => received.match(/SIP\/2.0 200 /g)?.length).toBe(2);
    expect(new Set(recorder.flows).size).toBe(1);
    expect(listener.connections).toBe(1);
  });

  it('answers a double CRLF with one (RFC 5626 keep-alive)', async () => {
    const listener = kept(await listenStream({ host: '127.0.0.1', port: 0, on: new Recorder() }));
    const client = await tcpClient(listener);
    client.write('\r\n\r\n');
    expect(String((await once(client, 'data'))[0])).toBe('\r\n');
  });

  it('reports and closes a stream that breaks the framing or the limit', async () => {
    const recorder = new Recorder();
    const listener = kept(
      await listenStream({ host: '127.0.0.1', port: 0, on: recorder, limits: { messageBytes: 2000 } }),
    );
    const large = await tcpClient(listener);
    large.write(`OPTIONS sip:pool.test SIP/2.0\r\nSubject: ${'x'.repeat(5000)}`);
    await once(large, 'close');
    const bad = await tcpClient(listener);
    bad.write('OPTIONS sip:pool.test SIP/2.0\r\nContent-Length: -1\r\n\r\n');
    await once(bad, 'close');
    expect(recorder.breaks).toEqual(['too-large', 'malformed']);
    await expect.poll(() => recorder.closed_).toBe(2);
  });

  it('closes who says nothing, who never ends a message, and who comes when all places are taken', async () => {
    const recorder = new Recorder();
    const limits = { messageBytes: 2000, messageMs: 300, idleMs: 60_000, connections: 2 };
    const listener = kept(await listenStream({ host: '127.0.0.1', port: 0, on: recorder, limits }));
    const silent = await tcpClient(listener);
    const trickling = await tcpClient(listener);
    trickling.write(`${options(`${via}1`)}OPTIONS sip:po`);
    const drip = setInterval(() => trickling.write('o'), 50);
    const refused = await tcpClient(listener);
    await once(refused, 'close');
    await Promise.all([once(silent, 'close'), once(trickling.resume(), 'close')]);
    clearInterval(drip);
    expect(recorder.drops).toEqual(['too-many-connections', 'silent-connection', 'silent-connection']);
    await expect.poll(() => listener.connections).toBe(0);
  });

  it('cuts off a reader that leaves its answers unread', async () => {
    const recorder = new Recorder();
    const listener = kept(
      await listenStream({ host: '127.0.0.1', port: 0, on: recorder, limits: { unreadBytes: 50_000 } }),
    );
    const client = await tcpClient(listener);
    client.pause();
    const flood = setInterval(() => {
      if (!client.destroyed && client.writableLength < 1e6) client.write(options(`${via}1`).repeat(500));
    }, 5);
    await expect.poll(() => recorder.drops.includes('slow-reader'), { timeout: 10_000 }).toBe(true);
    clearInterval(flood);
    await expect.poll(() => listener.connections).toBe(0);
    expect(recorder.drops).toEqual(['slow-reader']);
  });
});
