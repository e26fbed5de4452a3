import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Phone } from '../../bench/load/phone.ts';
import { targetOf } from '../../bench/load/requester.ts';
import { UdpRequester } from '../../bench/load/udp-requester.ts';
import { DOMAIN, type Edition, passwordOf, startEdition } from '../edition.ts';
import { Ledger } from './ledger.ts';
import { allGone, family, killAll, postgresqlOf } from './processes.ts';

const ACCOUNTS = 4000;
const CONCURRENCY = 100;

let edition: Edition;
const ledger = new Ledger();
const phones = Array.from({ length: ACCOUNTS }, (_, index) => {
  const user = `u${index + 1}`;
  return new Phone({ user, password: passwordOf(user), domain: DOMAIN, contact: `sip:${user}@192.0.2.1:5060` });
});
let next = 0;

beforeAll(async () => {
  edition = await startEdition(ACCOUNTS);
});

afterAll(async () => {
  await edition?.stop();
});

/** Phones that register, and now and then take their registration away, one after the other until `stop`. */
async function startLoad() {
  const requester = await UdpRequester.open(targetOf(edition.rollcall.addresses.udp));
  let stopped = false;
  const work = async () => {
    while (!stopped) {
      const phone = phones[next % ACCOUNTS]!;
      const removes = next >= ACCOUNTS && next % 3 === 0;
      next += 1;
      ledger.begin(phone.options.user);
      const { status } = await phone.register(requester, removes ? 0 : 3600);
      if (status === 200) ledger.answered(phone.options.user, removes ? 'gone' : 'registered');
    }
  };
  const working = Array.from({ length: CONCURRENCY }, () => work().catch(() => {}));
  return {
    async stop(): Promise<void> {
      stopped = true;
      requester.close();
      await Promise.all(working);
    },
  };
}

async function expectPromisesKept(): Promise<void> {
  await edition.restart();
  const registered = new Set((await edition.endpoints()).map(({ account }) => /^sip:(.*)@/.exec(account)![1]!));
  expect(ledger.broken(registered)).toEqual([]);
}

test('a commit waits until it is on the disk', async () => {
  const { url } = JSON.parse(await readFile(join(edition.rollcall.data, 'connection.json'), 'utf8'));
  const client = await openClient(url);
  try {
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
      expect((await client.query(`show ${setting}`)).rows, setting).toEqual([{ [setting]: 'on' }]);
    }
  } finally {
    await client.end();
  }
});

describe('whoever was told 200 is still registered, or still gone, after the next start', () => {
  test.each([1, 2, 3])('when server and PostgreSQL were killed under load, round %i', async (round) => {
    const load = await startLoad();
    // Another moment in each run: in time every one is met.
    await sleep(400 + Math.random() * 800);
    const pids = [...family(edition.rollcall.child.pid!), ...family(postgresqlOf(edition.rollcall.data))];
    killAll(pids);
    await load.stop();
    await allGone(pids);
    expect(ledger.promises).toBeGreaterThan(100 * round);
    await expectPromisesKept();
  });

  test('when PostgreSQL alone was killed: the server says so and ends as failed', async () => {
    const load = await startLoad();
    await sleep(400);
    const ended = new Promise((resolve) => edition.rollcall.child.once('exit', resolve));
    killAll([postgresqlOf(edition.rollcall.data)]);
    expect(await ended).toBe(1);
    await load.stop();
    expect(edition.rollcall.output().stderr).toContain('PostgreSQL ended by itself');
    await expectPromisesKept();
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('when the server was stopped under load with %s', async (signal) => {
    const load = await startLoad();
    await sleep(400);
    expect(await edition.rollcall.stop(signal)).toBe(0);
    await load.stop();
    await expectPromisesKept();
  });
});
