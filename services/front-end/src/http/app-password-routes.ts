import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import { addAppPassword, listAppPasswords, removeAppPassword } from './app-passwords.ts';
import { authorize } from './authorize.ts';
import { answers, dateTime, NEEDS_TOKEN, nothing, object, text } from './schemas.ts';

const common = { tags: ['app-passwords'], security: NEEDS_TOKEN };
const shown = { id: { type: 'integer' }, name: text(64) };

const made = object({
  ...shown,
  user: { type: 'string', description: 'The user name to give the device' },
  domain: { type: 'string', description: 'The domain, and the realm of its Digest' },
  password: { type: 'string', description: 'Shown this once' },
});

type Post = { Body: { name: string } };
type ById = { Params: { id: string } };

/** Passwords of single devices that know nothing but Digest. */
export function addAppPasswordRoutes(server: FastifyInstance, api: Api): void {
  server.post(
    '/v1/app-passwords',
    {
      schema: {
        ...common,
        summary: 'Make a password for one device, a softphone say',
        description: 'It is for Digest, in SIP and XCAP. It opens no session.',
        body: object({ name: { ...text(64), description: 'What you call the device' } }),
        response: answers({ 201: { description: 'Made', ...made } }, 401, 409),
      },
    },
    async (request: FastifyRequest<Post>, reply) => {
      const frontEnd = api.frontEnd();
      const added = await addAppPassword(frontEnd, await authorize(frontEnd, request), request.body.name);
      return reply
        .code(201)
        .header('Location', `/v1/app-passwords/${added.id}`)
        .header('Cache-Control', 'no-store')
        .send(added);
    },
  );

  server.get(
    '/v1/app-passwords',
    {
      schema: {
        ...common,
        summary: 'The app passwords of the account, the oldest first',
        response: answers(
          { 200: object({ appPasswords: { type: 'array', items: object({ ...shown, createdAt: dateTime }) } }) },
          401,
        ),
      },
    },
    async (request) => {
      const frontEnd = api.frontEnd();
      const { accountId } = await authorize(frontEnd, request);
      return { appPasswords: await listAppPasswords(frontEnd, accountId) };
    },
  );

  server.delete(
    '/v1/app-passwords/:id',
    {
      schema: {
        ...common,
        summary: 'Take an app password back',
        description: 'SIP connections of the account end, and come back with what is still right. Refresh your token.',
        params: object({ id: { type: 'string', pattern: '^[1-9]\\d{0,8}$' } }),
        response: answers({ 204: nothing('It is right no more') }, 401, 404),
      },
    },
    async (request: FastifyRequest<ById>, reply) => {
      const frontEnd = api.frontEnd();
      await removeAppPassword(frontEnd, await authorize(frontEnd, request), Number(request.params.id));
      return reply.code(204).send();
    },
  );
}
