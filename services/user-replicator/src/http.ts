import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from '@rollcall/process';

export interface HttpOptions {
  host: string;
  port: number;
  metrics: Registry;
  /** Why this replica could not work now; empty when it works or waits for its turn. */
  notReady(): string[];
}

/** What operators ask of a replica. */
export async function openHttp({ host, port, metrics, notReady }: HttpOptions): Promise<Server> {
  const routes: Readonly<Record<string, () => Promise<Answer> | Answer>> = {
    '/healthz': () => json(200, { status: 'alive' }),
    '/readyz': () => {
      const reasons = notReady();
      return json(reasons.length === 0 ? 200 : 503, { status: reasons.length === 0 ? 'ready' : 'not ready', reasons });
    },
    '/metrics': async () => ({ status: 200, type: metrics.contentType, body: await metrics.metrics() }),
  };
  const server = createServer(async (request, response) => {
    const route = request.method === 'GET' ? routes[request.url ?? ''] : undefined;
    const { status, type, body } = route ? await route() : json(404, { status: 'not found' });
    response.writeHead(status, { 'Content-Type': type }).end(body);
  });
  server.listen({ host, port });
  await once(server, 'listening');
  return server;
}

/** `host:port` */
export function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}
