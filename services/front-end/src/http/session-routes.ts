import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import { authorize, tokenInvalid } from './authorize.ts';
import { openSession } from './open-session.ts';
import { refreshSession } from './refresh-session.ts';
import { address, answers, NEEDS_TOKEN, nothing, object, role, text } from './schemas.ts';

const tokens = object({
  accessToken: {
    type: 'string',
    description: 'For `Authorization: Bearer`, here and in SIP; any front end accepts it',
  },
  tokenType: { type: 'string', const: 'Bearer' },
  expiresIn: { type: 'integer', description: 'Seconds until the access token expires' },
  refreshToken: { type: 'string', description: 'Gets the next access token, once' },
  refreshExpiresIn: { type: 'integer', description: 'Seconds until the refresh token expires' },
  user: address,
  role,
});

/** A session: a password for tokens, a refresh token for the next ones, and the end. */
export function addSessionRoutes(server: FastifyInstance, api: Api): void {
  server.post(
    '/v1/sessions',
    {
      schema: {
        summary: 'Sign in',
        description: 'With the password of the account, or with the one of the directory that it follows.',
        tags: ['sessions'],
        security: [],
        body: object({ user: address, password: { type: 'string', maxLength: 1024 } }),
        response: answers({ 201: { description: 'Signed in', ...tokens } }, 401, 429),
      },
    },
    async (request: FastifyRequest<{ Body: { user: string; password: string } }>, reply) =>
      reply
        .code(201)
        .header('Cache-Control', 'no-store')
        .send(await openSession(api.frontEnd(), request.body, request.ip)),
  );

  server.post(
    '/v1/sessions/refresh',
    {
      schema: {
        summary: 'Use a refresh token',
        description: 'Each refresh token works once. One that comes a second time closes its session.',
        tags: ['sessions'],
        security: [],
        body: object({ refreshToken: text(512) }),
        response: answers({ 200: { description: 'The next tokens', ...tokens } }, 401),
      },
    },
    async (request: FastifyRequest<{ Body: { refreshToken: string } }>, reply) =>
      reply.header('Cache-Control', 'no-store').send(await refreshSession(api.frontEnd(), request.body.refreshToken)),
  );

  server.delete(
    '/v1/sessions/current',
    {
      schema: {
        summary: 'Sign out',
        tags: ['sessions'],
        security: NEEDS_TOKEN,
        response: answers(
          { 204: nothing('Signed out: the refresh token is void, and the access token writes nothing any more') },
          401,
        ),
      },
    },
    async (request, reply) => {
      const frontEnd = api.frontEnd();
      const { accountId, sessionId } = await authorize(frontEnd, request);
      if ((await frontEnd.backEnd.closeSession({ accountId, sessionId })) === 'session_unknown') throw tokenInvalid();
      return reply.code(204).send();
    },
  );
}
