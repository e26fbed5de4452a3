import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to the database that breaks when it is told to, while the database goes on: a commit may be done, and nobody hear of it. */
export interface UnsteadyDatabase {
  /** As the one given, through here. */
  readonly url: string;
  /** Ends all connections of that moment on the clients' side; what the database says from now on does not reach them. */
  cut(): void;
  close(): Promise<void>;
}

/** Requests of so long are done, and nobody hears of it. ms */
const SILENCE_MS = 50;
/** How long the database has to end what it was asked, ms. */
const GRACE_MS = 1000;

export async function openUnsteadyDatabase(databaseUrl: string): Promise<UnsteadyDatabase> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const clients = new Set<Socket>();
  const servers = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(target);
    clients.add(client);
    servers.add(server);
    client.on('error', () => {});
    server.on('error', () => client.destroy());
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => {
      if (clients.has(client)) client.write(bytes);
    });
    server.on('close', () => {
      servers.delete(server);
      client.destroy();
    });
    client.on('close', () => {
      clients.delete(client);
      setTimeout(() => server.destroy(), GRACE_MS).unref();
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  url.hostname = '127.0.0.1';
  url.port = String((proxy.address() as AddressInfo).port);
  return {
    url: url.href,
    cut: () => {
      const silenced = [...clients];
      clients.clear();
      setTimeout(() => {
        for (const client of silenced) client.destroy();
      }, SILENCE_MS);
    },
    close: async () => {
      const closed = once(proxy, 'close');
      proxy.close();
      for (const socket of [...clients, ...servers]) socket.destroy();
      await closed;
    },
  };
}
