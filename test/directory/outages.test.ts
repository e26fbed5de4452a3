import { runRollcall } from '@rollcall/test-kit';
import type { Client } from 'ldapts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { replaceAttribute } from './entries.ts';
import { type Following, failures, figure, startFollowing, USERS } from './following.ts';
import { DOMAIN } from './pool-database.ts';

let bed: Following;
let administrator: Client;

beforeAll(async () => {
  bed = await startFollowing();
  administrator = await bed.directory.connect();
}, 60_000);

afterEach(() => bed.stopReplicas());

afterAll(() => bed?.stop());

/** Undefined: there is no such account. */
async function isEnabled(user: string): Promise<boolean | undefined> {
  return (await bed.backEnd.findSignIn({ user, domain: DOMAIN }))?.enabled;
}

const modify = (uid: string, type: string, ...values: string[]) =>
  replaceAttribute(administrator, `uid=${uid},${bed.directory.users}`, type, ...values);

describe('a directory that', () => {
  it('hangs: a run ends in time, the next ones come later and later, and all is well when it answers again', async () => {
    const replica = await bed.follow();
    await expect.poll(bed.backEnd.directoryStatus, { timeout: 15_000 }).toMatchObject({ run: { outcome: 'applied' } });
    // By this replica, and no earlier one.
    const applied = () => figure(replica, 'rollcall_directory_runs_total{outcome="applied"}');
    await expect.poll(applied, { timeout: 15_000 }).toBeGreaterThan(0);
    let opened = 0;
    replica.proxies[1].stall();
    replica.proxies[1].onConnection = () => {
      opened += 1;
    };
    const started = performance.now();
    await expect.poll(() => failures(replica, 'timeout'), { timeout: 20_000, interval: 100 }).toBe(3);
    // Three times 1 s for the answer, and between them 1 s and 2 s, each up to a quarter less.
    expect(performance.now() - started).toBeGreaterThan(5000);
    expect(opened).toBeLessThanOrEqual(4);
    expect((await bed.backEnd.directoryStatus()).run).toMatchObject({
      errorCode: 'timeout',
      error: expect.stringMatching(/no answer within 1 s/),
    });
    expect(await bed.canRegister()).toBe(true);
    await modify('u00600', 'mail', `later@${DOMAIN}`);
    replica.proxies[1].resume();
    await expect.poll(() => isEnabled('later'), { timeout: 20_000 }).toBe(true);
  }, 60_000);

  it('ends, and begins again: it is followed from where the last run ended', async () => {
    const replica = await bed.follow();
    const working = async () => (await bed.backEnd.directoryStatus()).holder?.endsWith(`:${replica.child.pid}`);
    await expect.poll(working, { timeout: 15_000 }).toBe(true);
    await bed.directory.kill();
    await expect.poll(() => failures(replica, 'unreachable'), { timeout: 15_000, interval: 100 }).toBeGreaterThan(0);
    expect(await bed.canRegister()).toBe(true);
    await bed.directory.start();
    administrator = await bed.directory.connect();
    await modify('u00599', 'mail', `after@${DOMAIN}`);
    await expect.poll(() => isEnabled('after'), { timeout: 20_000 }).toBe(true);
    expect((await bed.backEnd.directoryStatus()).accounts.enabled).toBe(USERS);
  }, 60_000);

  it('has somebody with a malformed address: that is reported, and all others are followed', async () => {
    await bed.follow();
    await modify('u00010', 'mail', 'nobody at all');
    await modify('u00011', 'mail', `next@${DOMAIN}`);
    await expect.poll(() => isEnabled('next'), { timeout: 15_000 }).toBe(true);
    const { stdout } = await runRollcall(['replicator', 'problems', '--database-url', bed.database.url]);
    expect(stdout).toMatch(/malformed.*uid=u00010/);
    expect(stdout).toContain('nobody at all');
    const status = await runRollcall(['replicator', 'status', '--database-url', bed.database.url]);
    expect(status.stdout).toMatch(/problem/i);
    expect((await bed.backEnd.directoryStatus()).accounts.enabled).toBe(USERS);
  }, 30_000);
});
