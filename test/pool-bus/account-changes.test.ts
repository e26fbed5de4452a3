import type { RunningFrontEnd } from '@rollcall/front-end';
import { runRollcall, type SipAccount, SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type BusServer, startBusServer } from './bus-server.ts';

/** From when a command has ended, which was after its commit. */
const AT_ONCE_MS = 1000;
const POLL_MS = 10_000;

describe.each(['PostgreSQL', 'Redis'] as const)('in a pool of two front ends with a bus over %s', (kind) => {
  let server: BusServer;
  let pool: FrontEndPool;
  let other: RunningFrontEnd;
  let accounts = 0;
  beforeAll(async () => {
    server = await startBusServer(kind);
    const settings = { maxEndpoints: 2, minExpires: 1, ...(server.redisUrl && { redisUrl: server.redisUrl }) };
    pool = await startFrontEndPool(settings, server.urls);
    other = await pool.addFrontEnd();
  });
  afterAll(async () => {
    await pool?.stop();
    await server?.remove();
  });

  const addAccount = () => pool.addAccount(`user-${++accounts}`);
  const uri = ({ user, domain }: SipAccount) => `sip:${user}@${domain}`;
  const command = async (...args: string[]) => {
    const redis = server.redisUrl === undefined ? [] : ['--redis-url', server.redisUrl];
    const result = await runRollcall(['account', ...args, '--database-url', pool.adminUrl, ...redis]);
    expect(result.status, result.stderr).toBe(0);
    return result;
  };
  const registered = async (account: SipAccount, frontEnd: RunningFrontEnd, transport: 'TCP' | 'TLS' = 'TCP') => {
    const phone = await pool.client({ account, frontEnd, transport });
    expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
    return phone;
  };
  /** How long it took from now until the server has ended these connections, ms. */
  const ended = async (...phones: SipClient[]) => {
    const started = performance.now();
    const limit = new Promise<void>((resolve) => setTimeout(resolve, 15_000).unref());
    await Promise.race([Promise.all(phones.map((phone) => phone.connection.ended)), limit]);
    return performance.now() - started;
  };
  const endpoints = ({ user, domain }: SipAccount) => pool.backEnd.listEndpoints({ user, domain });
  const removed = (reason: string) =>
    Promise.all(
      [pool.frontEnd, other].map((one) => pool.metric(`rollcall_endpoints_removed_total{reason="${reason}"}`, one)),
    );

  it('a disabled account is off every front end at once, its connections end, others stay', async () => {
    const [alice, bob] = [await addAccount(), await addAccount()];
    const phones = [await registered(alice, pool.frontEnd), await registered(alice, other, 'TLS')];
    const bobs = await registered(bob, other);
    await command('disable', uri(alice));
    expect(await ended(...phones)).toBeLessThan(AT_ONCE_MS);
    expect(await endpoints(alice)).toEqual([]);
    const back = await pool.client({ account: alice, frontEnd: other, transport: 'TCP' });
    expect((await back.register()).status).toBe(401);
    expect((await bobs.exchange()).status).toBe(200);
    await expect.poll(() => removed('disabled')).toEqual([1, 1]);

    await command('enable', uri(alice));
    await registered(alice, other);
  });

  it('after a new password the connections that knew the old one end, and it opens none again', async () => {
    const alice = await addAccount();
    const phones = [await registered(alice, pool.frontEnd), await registered(alice, other)];
    await command('password', uri(alice), '--password', 'another one');
    expect(await ended(...phones)).toBeLessThan(AT_ONCE_MS);
    const back = await pool.client({ account: alice, frontEnd: other, transport: 'TCP' });
    expect((await back.register()).status).toBe(401);
    await registered({ ...alice, password: 'another one' }, other);
  });

  it('a removed account is gone everywhere, with its connections', async () => {
    const alice = await addAccount();
    const phones = [await registered(alice, pool.frontEnd), await registered(alice, other)];
    const before = await removed('deleted');
    await command('remove', uri(alice));
    expect(await ended(...phones)).toBeLessThan(AT_ONCE_MS);
    await expect.poll(() => removed('deleted')).toEqual(before.map((count) => count + 1));
  });

  it('an endpoint that another one removes hears of it on its own front end; who leaves by itself does not', async () => {
    const alice = await addAccount();
    const [phone, desk] = [await registered(alice, pool.frontEnd), await registered(alice, other)];
    const before = await removed('deleted');
    expect((await desk.register({ contacts: [phone.contact()], expires: 0 })).status).toBe(200);
    await expect.poll(() => removed('deleted')).toEqual([before[0]! + 1, before[1]!]);
    expect((await desk.register({ contacts: [desk.contact()], expires: 0 })).status).toBe(200);
    expect(await endpoints(alice)).toEqual([]);
    await registered(alice, other);
    expect(await removed('deleted')).toEqual([before[0]! + 1, before[1]!]);
  });

  it('a connection of two accounts only loses the one', async () => {
    const [alice, bob] = [await addAccount(), await addAccount()];
    const alices = await registered(alice, other);
    const bobs = new SipClient(alices.connection, bob);
    expect((await bobs.register()).status).toBe(200);
    expect((await alices.exchange()).status).toBe(200);
    await command('password', uri(alice), '--password', 'another one');
    await expect.poll(async () => (await alices.exchange()).status, { timeout: AT_ONCE_MS }).toBe(401);
    expect((await bobs.exchange()).status).toBe(200);

    await command('disable', uri(bob));
    expect(await ended(bobs)).toBeLessThan(AT_ONCE_MS);
  });

  it('the front end that holds the flow hears that its endpoint was removed, and why', async () => {
    const alice = await addAccount();
    const before = [await removed('quota'), await removed('expired')];
    await registered(alice, other);
    const short = await pool.client({ account: alice, frontEnd: other, transport: 'TCP' });
    expect((await short.register({ contacts: [short.contact(';expires=1')] })).status).toBe(200);
    await registered(alice, pool.frontEnd);
    await expect.poll(() => removed('quota')).toEqual([before[0]![0], before[0]![1]! + 1]);
    // By whichever front end the reaper ran.
    await expect.poll(() => removed('expired'), { timeout: 5000 }).toEqual([before[1]![0], before[1]![1]! + 1]);
  });

  it('while the bus is away registrations go on and changes take effect by the poll; then at once again', async () => {
    const [alice, bob] = [await addAccount(), await addAccount()];
    const phone = await registered(alice, other);
    const bobs = await registered(bob, other);
    await server.stop();
    await expect.poll(() => pool.metric('rollcall_bus_connected'), { timeout: 5000 }).toBe(0);
    if (kind === 'Redis') {
      await registered(await addAccount(), pool.frontEnd);
      expect((await command('disable', uri(alice))).stderr).toContain('will notice within 10 seconds');
      expect(await ended(phone)).toBeLessThan(POLL_MS + AT_ONCE_MS);
    }
    await server.start();
    for (const one of [pool.frontEnd, other]) {
      await expect.poll(() => pool.metric('rollcall_bus_connected', one), { timeout: 10_000 }).toBe(1);
      await expect
        .poll(async () => (await fetch(`http://${one.addresses.http}/readyz`)).status, { timeout: 10_000 })
        .toBe(200);
    }
    expect((await bobs.exchange({ contacts: [bobs.contact()] })).status).toBe(200);
    await command('disable', uri(bob));
    expect(await ended(bobs)).toBeLessThan(AT_ONCE_MS);
  }, 60_000);
});
