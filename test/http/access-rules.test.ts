import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { problem } from './http-client.ts';
import { openMessageClient } from './message-client.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const newcomer = () => openMessageClient(pool);
it('rules are set one by one, listed, and removed', async () => {
  const alice = await newcomer();
  expect((await alice.ask('GET /v1/access-rules')).body).toEqual({ version: 0, rules: [] });
  const put = await alice.ask('PUT /v1/access-rules/bob@example.net', { level: 'team' });
  expect(put).toMatchObject({ status: 200, body: { version: 1 } });
  expect(put.headers.get('etag')).toBe('"1"');
  await alice.ask('PUT /v1/access-rules/Example.NET', { communication: 'deny', level: 'blocked' });
  await alice.ask('PUT /v1/access-rules/everyone', { communication: 'allow' });
  await alice.ask('PUT /v1/access-rules/bob@example.net', { communication: 'allow' });
  expect((await alice.ask('GET /v1/access-rules')).body).toEqual({
    version: 4,
    rules: [
      { subject: 'bob@example.net', communication: 'allow', level: null },
      { subject: 'example.net', communication: 'deny', level: 'blocked' },
      { subject: 'everyone', communication: 'allow', level: null },
    ],
  });
  expect((await alice.ask('DELETE /v1/access-rules/everyone')).status).toBe(204);
  expect(await alice.ask('DELETE /v1/access-rules/everyone')).toMatchObject(problem('rule-unknown', 404));
  expect((await alice.ask('DELETE /v1/access-rules')).status).toBe(204);
  expect((await alice.ask('GET /v1/access-rules')).body.rules).toEqual([]);
});

it('all rules are replaced in one, ten thousand of them, if nobody else has changed them', async () => {
  const alice = await newcomer();
  const rules = Array.from({ length: 10_000 }, (_, n) => ({ subject: `user-${n}@example.net`, level: 'blocked' }));
  expect(await alice.ask('PUT /v1/access-rules', { rules })).toMatchObject({ status: 200, body: { version: 1 } });
  expect((await alice.ask('GET /v1/access-rules')).body.rules).toHaveLength(10_000);
  expect((await alice.ask('PUT /v1/access-rules', { rules: [...rules, { subject: 'everyone' }] })).status).toBe(400);
  expect(await alice.ask('PUT /v1/access-rules/everyone', { level: 'team' })).toMatchObject(
    problem('too-many-rules', 409),
  );
  await alice.ask('PUT /v1/access-rules', { rules: [] });
  expect((await alice.ask('GET /v1/access-rules')).body).toEqual({ version: 2, rules: [] });
});

it('who is denied does not reach the account, from then on', async () => {
  const [alice, bob] = [await newcomer(), await newcomer()];
  await bob.ask(`PUT /v1/access-rules/${alice.address}`, { communication: 'deny' });
  expect(await alice.send(bob.address, 'Lunch?')).toMatchObject(problem('message-refused', 403));
  await bob.ask(`DELETE /v1/access-rules/${alice.address}`);
  expect((await alice.send(bob.address, 'Lunch?')).status).toBe(202);
});

it('what is wrong is refused', async () => {
  const alice = await newcomer();
  const put = async (path: string, body: object) => (await alice.ask(`PUT /v1/access-rules${path}`, body)).status;
  expect(await put('/everyone', { level: 'friend' })).toBe(400);
  expect(await put('/everyone', { communication: 'maybe' })).toBe(400);
  expect(await put('/a%20b@example.org', { level: 'team' })).toBe(422);
  expect(await put('/@', { level: 'team' })).toBe(422);
  expect(await put('', { rules: [{ subject: '', level: 'team' }] })).toBe(400);
  await alice.ask('DELETE /v1/sessions/current');
  expect(await put('/everyone', { level: 'team' })).toBe(401);
});
