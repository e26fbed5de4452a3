import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be watched and broken, while the server goes on. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Called before each piece of data is passed on; false: it is not, nor is what follows on that connection. */
  onData: (bytes: Buffer) => boolean;
  onConnection: () => void;
  /** Connections open, and nothing comes through any more. */
  stall(): void;
  /** What was held back comes through. */
  resume(): void;
  /** Ends all connections of this moment. */
  cut(): void;
  close(): Promise<void>;
}

export async function openProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let stalled = false;
  const server = createServer((client) => {
    proxy.onConnection();
    const upstream = connect(target);
    join(client, upstream);
    join(upstream, client);
  });
  function join(from: Socket, to: Socket) {
    sockets.add(from);
    if (stalled) from.pause();
    let silent = false;
    from.on('data', (bytes: Buffer) => {
      silent ||= !proxy.onData(bytes);
      if (!silent) to.write(bytes);
    });
    from.on('error', () => {});
    from.on('close', (broken) => {
      sockets.delete(from);
      if (broken) to.destroy();
      else to.end();
    });
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy: TcpProxy = {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    onData: () => true,
    onConnection: () => {},
    stall() {
      stalled = true;
      for (const socket of sockets) socket.pause();
    },
    resume() {
      stalled = false;
      for (const socket of sockets) socket.resume();
    },
    cut,
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
  return proxy;
}
