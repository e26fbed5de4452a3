import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipAccount } from '@rollcall/test-kit';
import { afterAll, afterEach, beforeAll, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type CallingBaresip, startCallingBaresip } from './calling-baresip.ts';

let pool: FrontEndPool;
let second: RunningFrontEnd;
let folder: string;
let running: CallingBaresip[] = [];
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-baresip-'));
  pool = await startFrontEndPool();
  second = await pool.addFrontEnd();
});

afterEach(async () => {
  for (const one of running) await one.kill();
  running = [];
});

afterAll(async () => {
  await pool?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** baresip's words for the first packet of sound that came to it. */
const HEARD = /incoming rtp for 'audio' established/;

type Way = 'udp' | 'tcp';

/** A registered baresip at a front end. */
async function phone(account: SipAccount, at: RunningFrontEnd, way: Way, peer: SipAccount) {
  const outbound = `outbound="sip:${at.addresses[way]};transport=${way}"`;
  const login = `auth_user=${account.user};auth_pass=${account.password.replaceAll(' ', '')};regint=600`;
  const baresip = await startCallingBaresip({
    folder,
    account: `<sip:${account.user}@${DOMAIN};transport=${way}>;${outbound};${login}`,
    contact: `"Peer" <sip:${peer.user}@${DOMAIN}>`,
  });
  running.push(baresip);
  await baresip.says(/200 OK \(Rollcall\)/);
  return baresip;
}

async function pair(ways: readonly [Way, Way]) {
  made += 1;
  const alice = await pool.addAccount(`alice${made}`, `secret-a${made}`);
  const bob = await pool.addAccount(`bob${made}`, `secret-b${made}`);
  return {
    bob,
    calling: await phone(alice, pool.frontEnd, ways[0], bob),
    called: await phone(bob, second, ways[1], alice),
  };
}

test.each([{ ways: ['tcp', 'tcp'] }, { ways: ['udp', 'tcp'] }, { ways: ['tcp', 'udp'] }] as const)(
  'baresip calls baresip at another front end ($ways.0 to $ways.1): both hear the other, and one hangs up',
  async ({ ways }) => {
    const { bob, calling, called } = await pair(ways);
    calling.command('dial', `sip:${bob.user}@${DOMAIN}`);
    await called.says(/Incoming call/i);
    called.command('accept');
    for (const one of [called, calling]) await one.says(/Call established/);
    for (const one of [called, calling]) await one.says(HEARD);
    called.command('hangup');
    await calling.says(/session closed|terminated/i);
  },
  40_000,
);

test.each([{ ways: ['tcp', 'tcp'] }, { ways: ['udp', 'udp'] }] as const)(
  'baresip sends a message to baresip at another front end ($ways.0 to $ways.1)',
  async ({ ways }) => {
    const { calling, called } = await pair(ways);
    calling.command('message', 'lunch at noon?');
    await called.says(/lunch at noon\?/);
    await calling.says(/SIP\/2\.0 200 OK(?:\r\n(?!\r\n)[^\r]*)*\r\nCSeq: \d+ MESSAGE/);
  },
  40_000,
);
