import type { FastifyInstance } from 'fastify';
import type { FrontEndMetrics } from '../metrics.ts';

export interface OperatorOptions {
  metrics: FrontEndMetrics;
  notReady(): string[];
}

/** What operators and balancers ask of a front end. */
export function addOperatorRoutes(server: FastifyInstance, { metrics, notReady }: OperatorOptions): void {
  // The process is alive and its event loop turns.
  server.get('/healthz', () => ({ status: 'alive' }));
  server.get('/readyz', (_request, reply) => {
    const reasons = notReady();
    return reply
      .code(reasons.length === 0 ? 200 : 503)
      .send({ status: reasons.length === 0 ? 'ready' : 'not ready', reasons });
  });
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}
