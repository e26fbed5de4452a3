import { afterAll, beforeAll, expect, test } from 'vitest';
import { markStale } from '../../services/front-end/src/sip/forwarding.ts';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { newInstance, openPhone, registerPhone } from '../phones.ts';

let pool: FrontEndPool;

beforeAll(async () => {
  pool = await startFrontEndPool();
});

afterAll(async () => {
  await pool?.stop();
});

test('a phone that has registered again since it was not reached stays reachable, also at the same place', async () => {
  const alice = await openPhone(pool, await pool.addAccount('alice'));
  const account = await pool.addAccount('bob');
  const instance = newInstance();
  const phone = await openPhone(pool, account, { instance });
  phone.answerEach(() => ({ status: 200 }));
  const lookUp = async () => {
    const target = { user: 'bob', domain: DOMAIN };
    const found = await pool.backEnd.route({ from: '', checkFrom: false, target });
    if (found.outcome !== 'routed') throw new Error(found.outcome);
    return { accountId: found.accountId, endpoints: found.endpoints };
  };
  const { accountId, endpoints } = await lookUp();
  await registerPhone(phone, instance);

  const frontEnd = { backEnd: pool.backEnd, log: { info() {} }, logOutage: expect.fail } as never;
  await markStale(frontEnd, { ...endpoints[0]!, accountId, endpointId: endpoints[0]!.id });
  expect((await alice.message(`sip:bob@${DOMAIN}`, 'still there?')).status).toBe(200);

  const now = (await lookUp()).endpoints[0]!;
  expect([now.id, now.flow]).toEqual([endpoints[0]!.id, endpoints[0]!.flow]);
  await markStale(frontEnd, { ...now, accountId, endpointId: now.id });
  expect((await lookUp()).endpoints).toEqual([]);
});
