import type { SipAnswer, SipClient } from '@rollcall/test-kit';
import { SipClient as Client, newBranch } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMetrics, total } from '../../bench/hostile/server-metrics.ts';
import { liveHeap } from '../../bench/measure/heap.ts';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type FrontEndProcess, startFrontEndProcess } from '../front-end-processes.ts';
import { newInstance, openPhone, registerPhone } from '../phones.ts';

const CALLS = 10_000;
/** Half of them at the front end of the caller. */
const PHONES = 20;
/** Of a pending call: its request, both transactions and their timers. Bytes. */
const MAXIMUM_PER_CALL = 16 << 10;
/** What caches may have grown by, bytes. */
const MAXIMUM_LEFT = 16 << 20;
/** Calls that are begun at once. */
const BATCH = 500;

let pool: FrontEndPool;
let frontEnd: FrontEndProcess;
let caller: SipClient;
const uris: string[] = [];

beforeAll(async () => {
  pool = await startFrontEndPool();
  frontEnd = await startFrontEndProcess({ databaseUrl: pool.databaseUrl, domain: DOMAIN, inspect: true });
  for (let index = 0; index < PHONES; index++) {
    const account = await pool.addAccount(`callee${index}`);
    ringForEver(index % 2 === 0 ? await openHere(account) : await openPhone(pool, account));
    uris.push(`sip:${account.user}@${DOMAIN}`);
  }
  caller = await openHere(await pool.addAccount('caller'));
});

afterAll(async () => {
  await frontEnd?.stop();
  await pool?.stop();
});

/** A phone at the front end that is looked at. */
async function openHere(account: Awaited<ReturnType<FrontEndPool['addAccount']>>): Promise<SipClient> {
  const phone = await Client.open(account, { transport: 'TCP', to: frontEnd.addresses.tcp });
  phone.contactParameters = ';transport=tcp';
  await registerPhone(phone, newInstance());
  return phone;
}

/** Rings, and stops when it is cancelled. */
function ringForEver(phone: SipClient): void {
  const ringing = new Map<string, Parameters<SipClient['answer']>[0]>();
  phone.connection.onRequest((request) => {
    const call = request.header('Call-ID') ?? '';
    if (request.method === 'INVITE') {
      ringing.set(call, request);
      phone.answer(request, 180);
    } else if (request.method === 'CANCEL') {
      phone.answer(request, 200);
      phone.answer(ringing.get(call)!, 487);
    }
  });
}

function inviteTo(index: number): string {
  const uri = uris[index % PHONES]!;
  return caller.format({
    ...{ method: 'INVITE', uri, to: `<${uri}>`, callId: `pending${index}`, cseq: 1, branch: newBranch() },
    contacts: [caller.contact()],
  });
}

/** Takes answers until that many of the status have come. */
async function answers(count: number, status: number): Promise<SipAnswer[]> {
  const found: SipAnswer[] = [];
  await expect
    .poll(
      async () => {
        found.push(...(await caller.connection.collect(20)).filter((answer) => answer.status === status));
        return found.length;
      },
      { timeout: 15_000, interval: 1 },
    )
    .toBe(count);
  return found;
}

const transactions = async () => total(await readMetrics(frontEnd.addresses.http), 'rollcall_sip_transactions');

describe(`${CALLS} calls that ring at once`, () => {
  let before: number;
  const invites = Array.from({ length: CALLS }, () => '');

  test(`take less than ${MAXIMUM_PER_CALL} bytes each, and all of them ring`, async () => {
    // What is made once is made.
    await pend(0, 200);
    await cancel(0, 200);
    before = await liveHeap(frontEnd.inspector!);
    for (let from = 0; from < CALLS; from += BATCH) await pend(from, BATCH);
    expect(await transactions()).toBeGreaterThanOrEqual(2 * CALLS);
    const each = ((await liveHeap(frontEnd.inspector!)) - before) / CALLS;
    expect(each).toBeLessThan(MAXIMUM_PER_CALL);
  }, 60_000);

  test('leave a newcomer waiting no longer than usual', async () => {
    const begun = performance.now();
    const { status } = await caller.exchange({ method: 'OPTIONS', uri: `sip:${DOMAIN}` });
    expect(status).toBe(200);
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  test('end all when they are cancelled, and leave nothing behind', async () => {
    for (let from = 0; from < CALLS; from += BATCH) await cancel(from, BATCH);
    await expect.poll(transactions, { timeout: 10_000 }).toBeLessThan(100);
    expect((await liveHeap(frontEnd.inspector!)) - before).toBeLessThan(MAXIMUM_LEFT);
  }, 60_000);

  async function pend(from: number, count: number): Promise<void> {
    for (let index = from; index < from + count; index++) {
      invites[index] = inviteTo(index);
      caller.connection.send(invites[index]!);
    }
    await answers(count, 180);
  }

  async function cancel(from: number, count: number): Promise<void> {
    for (let index = from; index < from + count; index++) {
      caller.connection.send(invites[index]!.replaceAll('INVITE', 'CANCEL'));
    }
    for (const answer of await answers(count, 487)) {
      const invite = invites[Number(answer.header('Call-ID')?.slice('pending'.length))]!;
      caller.connection.send(invite.replaceAll('INVITE', 'ACK').replace(/^To: .*$/m, `To: ${answer.header('To')}`));
    }
  }
});
