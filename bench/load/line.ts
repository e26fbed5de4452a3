import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Target } from './requester.ts';

/** What a load client sends on, and is reached at. */
export interface Line {
  readonly transport: 'UDP' | 'TCP';
  readonly local: string;
  send(text: string): void;
  close(): void;
}

/** Gets each message as latin1, so that a length in characters is one in bytes. */
export type Read = (text: string, line: Line) => void;

/** A socket that several clients can share. Answers go where a request came from. */
export async function openUdpLine(target: Target, read: Read): Promise<Line> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const line: Line = {
    transport: 'UDP',
    local: `127.0.0.1:${socket.address().port}`,
    send: (text) => socket.send(Buffer.from(text, 'latin1'), target.port, target.address),
    close: () => socket.close(),
  };
  socket.on('message', (bytes, from) => {
    const isTarget = from.port === target.port;
    const back: Line = isTarget
      ? line
      : { ...line, send: (text) => socket.send(Buffer.from(text, 'latin1'), from.port, from.address) };
    read(bytes.toString('latin1'), back);
  });
  socket.on('error', () => {}); // what is lost is sent again
  return line;
}

/** A connection of one client. */
export async function openTcpLine(target: Target, read: Read): Promise<Line> {
  const socket = connect({ host: target.address, port: target.port, noDelay: true });
  await once(socket, 'connect');
  const line: Line = {
    transport: 'TCP',
    local: `127.0.0.1:${socket.localPort}`,
    send: (text) => void socket.write(text, 'latin1'),
    close: () => socket.destroy(),
  };
  let held = '';
  socket.on('error', () => {}); // whoever waits for an answer gives up by itself
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    held += chunk;
    for (let head = held.indexOf('\r\n\r\n'); head >= 0; head = held.indexOf('\r\n\r\n')) {
      const length = /\r\nContent-Length: *(\d+)/i.exec(held.slice(0, head))?.[1] ?? 0;
      const end = head + 4 + Number(length);
      if (held.length < end) return;
      read(held.slice(0, end), line);
      held = held.slice(end);
    }
  });
  return line;
}
