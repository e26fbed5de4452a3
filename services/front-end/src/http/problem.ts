import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FrontEnd } from '../sip/context.ts';

/** What went wrong, for a program to tell apart: the `type` is `urn:rollcall:problem:NAME` (docs/http.md lists them). */
export type ProblemName =
  | 'account-exists'
  | 'disabled-by-directory'
  | 'follows-directory'
  | 'account-unknown'
  | 'app-password-unknown'
  | 'contact-unknown'
  | 'credentials-wrong'
  | 'delivery-unknown'
  | 'domain-unknown'
  | 'endpoint-unknown'
  | 'expiry-too-brief'
  | 'group-exists'
  | 'group-unknown'
  | 'invalid-request'
  | 'message-refused'
  | 'not-permitted'
  | 'notice-unknown'
  | 'password-expired'
  | 'publication-unknown'
  | 'recipient-unavailable'
  | 'recipient-unknown'
  | 'refresh-token-invalid'
  | 'rule-unknown'
  | 'too-many-app-passwords'
  | 'too-many-attempts'
  | 'too-many-contacts'
  | 'too-many-groups'
  | 'too-many-rules'
  | 'too-many-streams'
  | 'token-invalid'
  | 'unavailable'
  | 'version-differs';

export interface ProblemOptions {
  detail?: string;
  headers?: Record<string, string | string[]>;
  /** Further members (RFC 9457 §3.2). */
  more?: Record<string, unknown>;
}

/** Thrown by a handler: the answer is this, as application/problem+json (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly problem: ProblemName | undefined;
  readonly options: ProblemOptions;

  constructor(status: number, problem: ProblemName | undefined, options: ProblemOptions = {}) {
    super(options.detail ?? problem ?? STATUS_CODES[status] ?? String(status));
    this.status = status;
    this.problem = problem;
    this.options = options;
  }
}

/** The back end is overloaded or away, or this front end starts or stops. */
export function unavailable(retryAfterSeconds: number, detail: string): Problem {
  return new Problem(503, 'unavailable', { detail, headers: { 'Retry-After': String(retryAfterSeconds) } });
}

export function problemBody({ status, problem, options }: Problem): Record<string, unknown> {
  return {
    type: problem === undefined ? 'about:blank' : `urn:rollcall:problem:${problem}`,
    title: problem === undefined ? (STATUS_CODES[status] ?? 'Error') : titleOf(problem),
    status,
    ...(options.detail !== undefined && { detail: options.detail }),
    ...options.more,
  };
}

function titleOf(problem: ProblemName): string {
  const words = problem.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.options.headers ?? {})
    .type('application/problem+json')
    .send(Buffer.from(JSON.stringify(problemBody(problem))));
}

/** Every error of this server is a problem, also those that no handler sees. To be called before routes are added. */
export function answerWithProblems(server: FastifyInstance, frontEnd: () => FrontEnd | undefined): void {
  const routes = noteRoutes(server);
  server.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(routes, request.url);
    if (allowed.length === 0) return sendProblem(reply, new Problem(404, undefined));
    return sendProblem(reply, new Problem(405, undefined, { headers: { Allow: allowed.join(', ') } }));
  });
  server.setErrorHandler((error: FastifyError | Problem, request, reply) =>
    sendProblem(reply, toProblem(error, request, frontEnd())),
  );
}

/** A list may be wrong in each of its items. */
const MAXIMUM_ERRORS = 20;

function toProblem(error: FastifyError | Problem, request: FastifyRequest, frontEnd: FrontEnd | undefined): Problem {
  if (error instanceof Problem) return error;
  if ('validation' in error && error.validation) {
    const errors = error.validation.slice(0, MAXIMUM_ERRORS).map(({ instancePath, message }) => ({
      pointer: `#${instancePath}`,
      detail: message,
    }));
    const detail = `${error.validationContext ?? 'request'}: ${error.message.slice(0, 500).replace(/^\w+\s?/, '')}`;
    return new Problem(400, 'invalid-request', { detail, more: { errors } });
  }
  switch (error.name) {
    case 'InvalidValueError':
      return new Problem(400, 'invalid-request', { detail: 'Text or number that cannot be stored' });
    case 'OverloadedError':
      return unavailable(2, 'Overloaded');
    case 'ConflictError':
      return unavailable(1, 'Others change the same at this moment');
    case 'BackEndUnavailableError':
      frontEnd?.logOutage(error);
      return unavailable(5, 'Back end unavailable');
    default: {
      const status = error.statusCode ?? 500;
      // Fastify's own: 400 malformed JSON, 413, 415.
      if (status < 500) return new Problem(status, undefined, { detail: error.message });
      frontEnd?.log.error({ err: error, method: request.method, url: request.routeOptions.url }, 'request failed');
      return new Problem(500, undefined);
    }
  }
}

type Routes = Partial<Record<string, string[]>>;

/** Notes the routes that are added from now on, by method. */
function noteRoutes(server: FastifyInstance): Routes {
  const routes: Routes = {};
  server.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) {
      routes[one] ??= [];
      routes[one].push(url);
    }
  });
  return routes;
}

/** RFC 9110 §15.5.6: which methods the path has. */
function allowedMethods(routes: Routes, url: string): string[] {
  const path = url.split('?', 1)[0]!.split('/');
  const fits = (route: string) => {
    const parts = route.split('/');
    if (parts.at(-1) === '*')
      return path.length >= parts.length && parts.slice(0, -1).every((part, n) => part === path[n]);
    return (
      parts.length === path.length && parts.every((part, n) => (part.startsWith(':') ? path[n] : part === path[n]))
    );
  };
  return Object.keys(routes).filter((method) => routes[method]!.some(fits));
}
