import { createSocket } from 'node:dgram';

/** A server outside of the pool, over UDP: answers each request with one status, or with nothing. */
export interface OutsideServer {
  readonly address: string;
  /** The texts of the requests that came, without repeated ones. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export async function startOutsideServer(host: string, status?: number): Promise<OutsideServer> {
  const socket = createSocket('udp4');
  const requests: string[] = [];
  socket.on('message', (bytes, from) => {
    const text = bytes.toString();
    if (!requests.includes(text)) requests.push(text);
    if (status === undefined || text.startsWith('ACK ')) return;
    const copied = text.split('\r\n').filter((line) => /^(Via|From|Call-ID|CSeq):/.test(line));
    const to = /^To: .*$/m.exec(text)![0].trimEnd();
    const tagged = to.includes(';tag=') ? to : `${to};tag=outside`;
    const answer = [`SIP/2.0 ${status} Because`, ...copied, tagged, 'Content-Length: 0', '', ''].join('\r\n');
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return {
    address: `${host}:${socket.address().port}`,
    requests,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
