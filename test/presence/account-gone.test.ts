import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, signIn } from '../http/http-client.ts';
import { openPhone } from '../phones.ts';
import { watch } from './watching.ts';

let pool: FrontEndPool;
let token: string;
beforeAll(async () => {
  pool = await startFrontEndPool();
  ({ accessToken: token } = await signIn(pool.frontEnd, await pool.addAccount('root', 'secret', 'admin')));
});
afterAll(() => pool?.stop());

const ask = (request: string, body?: object) => call(pool.frontEnd, request, { token, ...(body && { body }) });

test.each([
  ['removed', 'UDP', 'noresource'],
  ['removed', 'TCP', 'noresource'],
  ['disabled', 'UDP', 'rejected'],
  ['disabled', 'TCP', 'rejected'],
] as const)(
  'an account that is %s is told over %s that its own subscriptions end: %s',
  async (how, transport, reason) => {
    const user = `${how}-${transport.toLowerCase()}`;
    const friend = await pool.addAccount(`friend-of-${user}`);
    const friends = await openPhone(pool, friend);
    const watchers = await watch(friends, friends.addressOfRecord, { event: 'presence.winfo' });
    const phone = await openPhone(pool, await pool.addAccount(user), { transport });
    const list = { headers: [['Supported', 'eventlist']] } as const;
    const all = [
      await watch(phone, friends.addressOfRecord),
      await watch(phone, phone.addressOfRecord, { event: 'reg' }),
      await watch(phone, `${phone.addressOfRecord};list=contacts`, list),
    ];
    for (const one of all) await one.next();
    await watchers.until(new RegExp(`sip:${user}@`));
    const address = `/v1/accounts/${user}@${DOMAIN}`;
    const done = how === 'removed' ? await ask(`DELETE ${address}`) : await ask(`PATCH ${address}`, { enabled: false });
    expect(done.status).toBeLessThan(300);
    for (const one of all) {
      const states: (string | undefined)[] = [];
      // A change may have come before it.
      while (!states.at(-1)?.startsWith('terminated')) states.push((await one.next()).header('Subscription-State'));
      expect(states.at(-1)).toBe(`terminated;reason=${reason}`);
    }
    while ((await watchers.next()).body.includes(`sip:${user}@`));
  },
);
