import { createServer, type IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import { asksForWebSocket } from '@rollcall/sip';
import fastify, { type FastifyInstance } from 'fastify';
import type { FrontEndMetrics } from '../metrics.ts';
import { behindBalancer } from './behind-balancer.ts';

const WEB_SOCKET_PATH = '/sip';
const shouldUpgradeCallback = (request: IncomingMessage) =>
  asksForWebSocket(request) && request.url?.split('?', 1)[0] === WEB_SOCKET_PATH;

export interface HttpOptions {
  metrics: FrontEndMetrics;
  /** Why this front end should get no traffic now; empty when it may. */
  notReady(): string[];
  /** Balancers, whose connections begin with a PROXY header. */
  proxyNetworks?: BlockList | undefined;
}

/** What operators and balancers ask of a front end. */
export function makeHttpServer({ metrics, notReady, proxyNetworks }: HttpOptions): FastifyInstance {
  const server = fastify({
    bodyLimit: 64 * 1024,
    connectionTimeout: 30_000,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    serverFactory: (handler) =>
      behindBalancer(createServer({ maxHeaderSize: 16_384, shouldUpgradeCallback }, handler), {
        proxyNetworks,
        dropped: metrics.dropped,
      }),
  });
  // RFC 7118: whoever asks rightly never gets here.
  server.get(WEB_SOCKET_PATH, (_request, reply) => reply.code(426).headers({ upgrade: 'websocket' }).send());
  // The process is alive and its event loop turns.
  server.get('/healthz', () => ({ status: 'alive' }));
  server.get('/readyz', (_request, reply) => {
    const reasons = notReady();
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ status: reasons.length === 0 ? 'ready' : 'not ready', reasons });
  });
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  return server;
}
