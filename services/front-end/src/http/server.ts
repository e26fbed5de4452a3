import { createServer, type IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import { asksForWebSocket } from '@rollcall/sip';
import fastify, { type FastifyInstance } from 'fastify';
import type { FrontEndMetrics } from '../metrics.ts';
import type { FrontEnd } from '../sip/context.ts';
import { addApi } from './api.ts';
import { behindBalancer } from './behind-balancer.ts';
import { refuseMalformed } from './malformed.ts';
import { addOperatorRoutes } from './operators.ts';
import { answerWithProblems, Problem, sendProblem } from './problem.ts';

const WEB_SOCKET_PATH = '/sip';
const shouldUpgradeCallback = (request: IncomingMessage) =>
  asksForWebSocket(request) && request.url?.split('?', 1)[0] === WEB_SOCKET_PATH;

export interface HttpOptions {
  metrics: FrontEndMetrics;
  /** Why this front end should get no traffic now; empty when it may. */
  notReady(): string[];
  /** Undefined while it starts or stops. */
  frontEnd(): FrontEnd | undefined;
  /** Told when a request begins, and when it has its answer. */
  underWay(change: 1 | -1): void;
  /** Balancers, whose connections begin with a PROXY header. */
  proxyNetworks?: BlockList | undefined;
}

/** HTTP of a front end: what operators and balancers ask, and the API for clients. */
export function makeHttpServer(options: HttpOptions): FastifyInstance {
  const { metrics, notReady, frontEnd, proxyNetworks } = options;
  const server = fastify({
    bodyLimit: 64 * 1024,
    // An address, each byte escaped.
    routerOptions: { maxParamLength: 3 * 512 },
    connectionTimeout: 30_000,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    serverFactory: (handler) =>
      behindBalancer(createServer({ maxHeaderSize: 16_384, shouldUpgradeCallback }, handler), {
        proxyNetworks,
        dropped: metrics.dropped,
      }),
    clientErrorHandler: refuseMalformed(metrics),
    frameworkErrors: (error, _request, reply) =>
      sendProblem(reply, new Problem(error.statusCode ?? 400, undefined, { detail: error.message })),
    // A member that is not known, or of another type, is a mistake to be told, not to be mended.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } },
  });
  answerWithProblems(server, frontEnd);
  server.addHook('onResponse', async (request, reply) => metrics.httpAnswered(request.method, reply.statusCode));
  server.addHook('onRequest', async (_request, reply) => {
    options.underWay(1);
    reply.raw.once('close', () => options.underWay(-1));
  });
  // RFC 7118: whoever asks rightly never gets here.
  server.get(WEB_SOCKET_PATH, () => {
    throw new Problem(426, undefined, { headers: { Upgrade: 'websocket' } });
  });
  addOperatorRoutes(server, { metrics, notReady });
  addApi(server, frontEnd);
  return server;
}
