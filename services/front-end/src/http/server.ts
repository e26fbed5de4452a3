import { createServer } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import type { FrontEndMetrics } from '../metrics.ts';
import type { FrontEnd } from '../sip/context.ts';
import { addApi } from './api.ts';
import { refuseMalformed } from './malformed.ts';
import { addOperatorRoutes } from './operators.ts';
import { answerWithProblems, Problem, sendProblem } from './problem.ts';

export interface HttpOptions {
  metrics: FrontEndMetrics;
  /** Why this front end should get no traffic now; empty when it may. */
  notReady(): string[];
  /** Undefined while it starts or stops. */
  frontEnd(): FrontEnd | undefined;
}

/** HTTP of a front end: what operators and balancers ask, and the API for clients. */
export function makeHttpServer({ metrics, notReady, frontEnd }: HttpOptions): FastifyInstance {
  const server = fastify({
    bodyLimit: 64 * 1024,
    connectionTimeout: 30_000,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    serverFactory: (handler) => createServer({ maxHeaderSize: 16_384 }, handler),
    clientErrorHandler: refuseMalformed(metrics),
    frameworkErrors: (error, _request, reply) =>
      sendProblem(reply, new Problem(error.statusCode ?? 400, undefined, { detail: error.message })),
    // A member that is not known, or of another type, is a mistake to be told, not to be mended.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } },
  });
  answerWithProblems(server, frontEnd);
  server.addHook('onResponse', async (request, reply) => metrics.httpAnswered(request.method, reply.statusCode));
  addOperatorRoutes(server, { metrics, notReady });
  addApi(server, frontEnd);
  return server;
}
