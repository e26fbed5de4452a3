import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createTestDatabase, SipClient, startRedis, type TestDatabase, type TestRedis } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, type LocalPool, passwordOf, startLocalPool } from '../../bench/pool/local-pool.ts';
import { family } from '../durability/processes.ts';

describe('rollcall pool with --database-url and --redis-url', () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let pool: LocalPool;
  beforeAll(async () => {
    // Nothing is deployed there yet: the pool does that.
    [database, redis] = await Promise.all([createTestDatabase({ empty: true }), startRedis()]);
    const servers = ['--database-url', database.url, '--redis-url', redis.url];
    pool = await startLocalPool(4, ['--front-ends', '2', '--drain-seconds', '0', ...servers]);
  });
  afterAll(async () => {
    const status = await pool?.stop();
    await redis?.stop();
    await database?.drop();
    expect(status).toBe(0);
  });

  const open = async (user: string) => {
    const account = { user, domain: DOMAIN, password: passwordOf(user) };
    return await SipClient.open(account, { transport: 'TCP', to: pool.addresses.tcp });
  };
  /** Two phones of a user, on both front ends. */
  const phonesOf = async (user: string) => {
    const phones = [await open(user), await open(user)];
    for (const phone of phones) expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
    const listed = JSON.parse(await pool.command('endpoints', `sip:${user}@${DOMAIN}`, '--json'));
    expect(new Set(listed.map((one: { frontEndId: number }) => one.frontEndId)).size).toBe(2);
    return phones;
  };
  const askRedis = async (...words: string[]) =>
    (await promisify(execFile)('redis-cli', ['-u', redis.url, ...words])).stdout;
  /** How many connections of that name the database has. */
  const connections = async (name: string) =>
    (
      await database.query(
        `select from pg_stat_activity where datname = current_database() and application_name = $1`,
        [name],
      )
    ).length;

  it('registers a phone through the VIP, in that database', async () => {
    const phone = await open('u1');
    expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
    const [row] = await database.query<{ count: number }>('select count(*)::int from api.list_front_ends()');
    expect(row).toEqual({ count: 2 });
    expect(JSON.parse(await pool.command('endpoints', `sip:u1@${DOMAIN}`, '--json'))).toHaveLength(1);
    await phone.close();
  });

  it('runs no PostgreSQL of its own', async () => {
    const names = family(pool.child.pid!).map((pid) => readFile(`/proc/${pid}/comm`, 'utf8'));
    const running = (await Promise.all(names)).map((name) => name.trim());
    expect(running).toContain('haproxy');
    expect(running).not.toContain('postgres');
  });

  it('its front ends tell each other over Redis, and not over PostgreSQL', async () => {
    expect((await askRedis('PUBSUB', 'NUMSUB', 'rollcall:0')).trim().split(/\s+/)).toEqual(['rollcall:0', '2']);
    expect(await connections('rollcall')).toBeGreaterThan(0);
    expect(await connections('rollcall bus')).toBe(0);
  });

  it('a command that changes an account is heard by both at once', async () => {
    const phones = await phonesOf('u2');
    await pool.command('account', 'disable', `sip:u2@${DOMAIN}`, '--redis-url', redis.url);
    const started = performance.now();
    await Promise.all(phones.map(({ connection }) => connection.ended));
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('front ends have the rights of rollcall_front_end alone, whoever the pool logs in as', async () => {
    const phone = await open('u3');
    const right = 'execute on function api.use_nonce, api.register';
    await database.query(`revoke ${right} from rollcall_front_end`);
    expect((await phone.register({ contacts: [phone.contact()] })).status).toBeGreaterThanOrEqual(500);
    await database.query(`grant ${right} to rollcall_front_end`);
    expect((await phone.register({ contacts: [phone.contact()] })).status).toBe(200);
    await phone.close();
  });

  it('passwords of these servers are on no command line but the one that the operator wrote', async () => {
    const own = await Promise.all(
      family(pool.child.pid!)
        .filter((pid) => pid !== pool.child.pid)
        .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')),
    );
    for (const line of own) expect(line).not.toMatch(/postgres(ql)?:|redis:/);
  });

  it('goes on while Redis is away, and hears of changes when it is back', { timeout: 60_000 }, async () => {
    const phones = await phonesOf('u4');
    await redis.stop();
    expect((await phones[0]!.register({ contacts: [phones[0]!.contact()] })).status).toBe(200);
    await redis.start();
    const subscribers = async () => (await askRedis('PUBSUB', 'NUMSUB', 'rollcall:0')).trim().split(/\s+/)[1];
    await expect.poll(subscribers, { timeout: 20_000 }).toBe('2');
    await pool.command('account', 'disable', `sip:u4@${DOMAIN}`, '--redis-url', redis.url);
    const started = performance.now();
    await Promise.all(phones.map(({ connection }) => connection.ended));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
