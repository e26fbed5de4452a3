import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipAccount, SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, signIn } from '../http/http-client.ts';
import { openPhone } from '../phones.ts';
import { pidf, publish, sequence, watch } from './watching.ts';

let pool: FrontEndPool;
let second: RunningFrontEnd;
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
  second = await pool.addFrontEnd();
});

afterAll(async () => {
  await pool?.stop();
});

const LIST = {
  supported: 'eventlist',
  headers: [['Accept', 'application/pidf+xml, application/rlmi+xml, multipart/related'] as const],
};

async function person(): Promise<SipAccount> {
  made += 1;
  return pool.addAccount(`person${made}`);
}

/** Through HTTP, as an application does it. */
async function contact(method: 'PUT' | 'DELETE', owner: SipAccount, { user }: SipAccount): Promise<void> {
  const { accessToken: token } = await signIn(pool.frontEnd, owner);
  const body = method === 'PUT' ? { body: {} } : {};
  const answer = await call(pool.frontEnd, `${method} /v1/contacts/${user}@${DOMAIN}`, { token, ...body });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
}

function watchList(watcher: SipClient) {
  return watch(watcher, `${watcher.addressOfRecord};list=contacts`, LIST);
}

test('one subscription tells all contacts, then those that change, twice a second at most', async () => {
  const owner = await person();
  const [bob, carol] = [await person(), await person()];
  await contact('PUT', owner, bob);
  await contact('PUT', owner, carol);
  const bobsPhone = await openPhone(pool, bob, { frontEnd: second });
  const watching = await watchList(await openPhone(pool, owner));
  expect(watching.answer.header('Require')).toBe('eventlist');
  const full = await watching.next();
  expect(full.header('Require')).toBe('eventlist');
  expect(full.header('Content-Type')).toMatch(/^multipart\/related;.*application\/rlmi\+xml/);
  expect(full.body).toContain('fullState="true"');
  for (const { user } of [bob, carol]) expect(full.body).toContain(`sip:${user}@${DOMAIN}`);

  const bobsUri = `sip:${bob.user}@${DOMAIN}`;
  await publish(bobsPhone, pidf(bobsUri, { note: 'at work' }));
  const changed = await watching.until(/at work/);
  expect(changed.body).not.toContain(`sip:${carol.user}@`);
  expect(changed.body).toContain('fullState="false"');
  expect(sequence(changed)).toBeGreaterThan(sequence(full));

  const sent = Date.now();
  const phones = await Promise.all([openPhone(pool, carol), openPhone(pool, carol, { frontEnd: second })]);
  const uri = `sip:${carol.user}@${DOMAIN}`;
  for (let count = 0; count < 5; count++) await publish(phones[count % 2]!, pidf(uri, { note: `note ${count}` }));
  const told: number[] = [];
  for (;;) {
    const notify = await watching.next();
    told.push(Date.now() - sent);
    if (notify.body.includes('note 4')) break;
  }
  expect(told.length).toBeLessThanOrEqual(2 + Math.ceil(told.at(-1)! / 500));
});

test("one's own address stands for the list, for who understands lists; for others it is one's own presence", async () => {
  const [owner, bob] = [await person(), await person()];
  await contact('PUT', owner, bob);
  const phone = await openPhone(pool, owner);
  const list = await watch(phone, phone.addressOfRecord, LIST);
  expect(list.answer.header('Require')).toBe('eventlist');
  expect((await list.next()).body).toContain(`sip:${bob.user}@${DOMAIN}`);
  for (const other of [{}, { supported: 'eventlist' }, { headers: LIST.headers }]) {
    const own = await watch(phone, phone.addressOfRecord, other);
    expect(own.answer.header('Require')).toBeUndefined();
    expect((await own.next()).header('Content-Type')).toBe('application/pidf+xml');
  }
});

test('who is added to the contacts is in the list from then on, and who is removed is not', async () => {
  const [owner, bob] = [await person(), await person()];
  const watching = await watchList(await openPhone(pool, owner));
  expect((await watching.next()).body).not.toContain('<resource');
  await contact('PUT', owner, bob);
  await watching.until(new RegExp(`sip:${bob.user}@`));
  await contact('DELETE', owner, bob);
  const without = await watching.next();
  expect(without.body).toContain('fullState="true"');
  expect(without.body).not.toContain('<resource');
});

test('one that could not take a change is told everything when it takes the next one', async () => {
  const owner = await person();
  const [bob, carol] = [await person(), await person()];
  for (const one of [bob, carol]) await contact('PUT', owner, one);
  const [bobs, carols] = [await openPhone(pool, bob), await openPhone(pool, carol)];
  const watcher = await openPhone(pool, owner);
  const watching = await watchList(watcher);
  await watching.next();
  await publish(bobs, pidf(bobs.addressOfRecord, { note: 'not taken' }));
  const refused = await watcher.receive('NOTIFY');
  expect(refused.body).toContain('not taken');
  watcher.answer(refused, 500, { headers: [['Retry-After', '60']] });
  await publish(carols, pidf(carols.addressOfRecord, { note: 'taken' }));
  expect((await watching.until(/>taken</)).body).not.toContain('not taken');
  await watching.until(/not taken/);
});
