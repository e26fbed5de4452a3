import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, signIn } from './http-client.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const CREDENTIALS = { user: 'alice@example.org', password: 'x' };

/** Sends bytes as they are. @returns all that comes back until the server closes */
async function sendRaw(bytes: string): Promise<string> {
  const [host, port] = pool.frontEnd.addresses.http.split(':');
  const socket = connect(Number(port), host);
  await once(socket, 'connect');
  socket.write(bytes);
  return text(socket);
}

describe('every error is a problem (RFC 9457)', () => {
  it.each([
    ['a path that is not there', 404, 'GET /v1/nothing', {}],
    ['no path of the API', 404, 'GET /', {}],
    ['a method that a path has not', 405, 'DELETE /v1/sessions', {}],
    ['a body that is no JSON', 400, 'POST /v1/sessions', { headers: { 'content-type': 'application/json' } }],
    ['a body in another form', 415, 'POST /v1/sessions', { headers: { 'content-type': 'text/xml' }, body: '<a/>' }],
    ['a body above 64 KB', 413, 'POST /v1/sessions', { body: { ...CREDENTIALS, more: 'x'.repeat(70_000) } }],
    ['a missing member', 400, 'POST /v1/sessions', { body: { user: 'alice@example.org' } }],
    ['a member too many', 400, 'POST /v1/sessions', { body: { ...CREDENTIALS, role: 'admin' } }],
    ['a member of another type', 400, 'POST /v1/sessions', { body: { ...CREDENTIALS, password: 1 } }],
    ['text that cannot be stored', 400, 'POST /v1/sessions', { body: { ...CREDENTIALS, user: 'a\0b@example.org' } }],
    ['half a character', 400, 'POST /v1/sessions', { body: { ...CREDENTIALS, user: 'a\ud800b@example.org' } }],
    ['a path that is no URL', 400, 'GET /v1/endpoints/%zz', {}],
  ])('%s: %i', async (_, status, methodAndPath, request) => {
    const answer = await call(pool.frontEnd, methodAndPath, request);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status, type: expect.any(String), title: expect.any(String) });
    expect(answer.status).toBe(status);
  });

  it('says which members are wrong, and which methods there are', async () => {
    const { body } = await call(pool.frontEnd, 'POST /v1/sessions', { body: { password: 1, more: true } });
    expect(body.type).toBe('urn:rollcall:problem:invalid-request');
    expect(
      body.errors.map(({ pointer, detail }: { pointer: string; detail: string }) => `${pointer} ${detail}`),
    ).toEqual([
      "# must have required property 'user'",
      '# must NOT have additional properties',
      '#/password must be string',
    ]);
    const { headers } = await call(pool.frontEnd, 'PATCH /v1/endpoints/web');
    expect(headers.get('allow')?.split(', ').toSorted()).toEqual(['DELETE', 'GET', 'HEAD', 'PUT']);
  });

  it.each([
    ['no HTTP at all', 'REGISTER sip:example.org SIP/2.0\r\n\r\n', 400],
    ['a header without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
  ])('also before there is a request: %s', async (_, bytes, status) => {
    const before = await pool.metric(`rollcall_http_responses_total{method="other",status="${status}"}`);
    const answer = await sendRaw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\n[^]*application/problem\\+json`));
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ status });
    expect(await pool.metric(`rollcall_http_responses_total{method="other",status="${status}"}`)).toBe(before + 1);
  });

  it('and others are served all the while', async () => {
    const alice = await pool.addAccount('alice');
    const { accessToken: token } = await signIn(pool.frontEnd, alice);
    expect((await call(pool.frontEnd, 'GET /v1/endpoints', { token })).status).toBe(200);
  });
});

describe('/v1/openapi.json', () => {
  it('describes every route in OpenAPI 3.1', async () => {
    const { body } = await call(pool.frontEnd, 'GET /v1/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const operations = Object.entries<Record<string, object>>(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.toSorted()).toEqual([
      'DELETE /v1/access-rules',
      'DELETE /v1/access-rules/{subject}',
      'DELETE /v1/accounts/{address}',
      'DELETE /v1/app-passwords/{id}',
      'DELETE /v1/contacts',
      'DELETE /v1/contacts/{address}',
      'DELETE /v1/endpoints/{instance}',
      'DELETE /v1/groups/{id}',
      'DELETE /v1/presence',
      'DELETE /v1/sessions/current',
      'DELETE /xcap-root/{auid}/users/{xui}/index',
      'DELETE /xcap-root/{auid}/users/{xui}/index/~~/{node}',
      'GET /v1/access-rules',
      'GET /v1/accounts',
      'GET /v1/accounts/{address}',
      'GET /v1/accounts/{address}/endpoints',
      'GET /v1/address-book',
      'GET /v1/address-book/{address}',
      'GET /v1/app-passwords',
      'GET /v1/contact-notices',
      'GET /v1/contacts',
      'GET /v1/contacts/{address}',
      'GET /v1/endpoints',
      'GET /v1/endpoints/{instance}',
      'GET /v1/endpoints/{instance}/events',
      'GET /v1/events',
      'GET /v1/front-ends',
      'GET /v1/groups',
      'GET /v1/messages',
      'GET /v1/presence',
      'GET /v1/presence/{address}',
      'GET /xcap-root/xcap-caps/global/index',
      'GET /xcap-root/{auid}/users/{xui}/index',
      'GET /xcap-root/{auid}/users/{xui}/index/~~/{node}',
      'PATCH /v1/accounts/{address}',
      'PATCH /v1/contacts',
      'PATCH /v1/contacts/{address}',
      'PATCH /v1/groups/{id}',
      'POST /v1/accounts',
      'POST /v1/app-passwords',
      'POST /v1/contact-notices/{id}/ack',
      'POST /v1/groups',
      'POST /v1/messages',
      'POST /v1/messages/{id}/ack',
      'POST /v1/sessions',
      'POST /v1/sessions/refresh',
      'PUT /v1/access-rules',
      'PUT /v1/access-rules/{subject}',
      'PUT /v1/contacts',
      'PUT /v1/contacts/{address}',
      'PUT /v1/endpoints/{instance}',
      'PUT /v1/presence',
      'PUT /xcap-root/{auid}/users/{xui}/index',
      'PUT /xcap-root/{auid}/users/{xui}/index/~~/{node}',
    ]);
  });

  it('tells of each which problems it answers with, and which need a token', async () => {
    const { body } = await call(pool.frontEnd, 'GET /v1/openapi.json');
    const put = body.paths['/v1/endpoints/{instance}'].put;
    expect(put.responses['422'].content).toHaveProperty(['application/problem+json']);
    expect(put.security).toEqual([{ accessToken: [] }]);
    expect(body.paths['/v1/sessions'].post.security).toEqual([]);
    expect(put.responses['201'].content['application/json'].schema.properties).toHaveProperty('expiresAt');
  });
});
