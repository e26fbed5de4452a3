// npm run bench -- hostile: mutated messages over every transport against one front end, and valid requests in their
// midst that must all be answered right. The messages follow from the seed; a run can be repeated, whole or in part.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startLocalDatabase } from '@rollcall/local-database';
import { type Attacked, AttackSucceededError, attack } from './hostile/attack.ts';
import { allMessages } from './hostile/message.ts';
import { BALANCERS } from './hostile/proxy-headers.ts';
import { type Memory, megabytes, report } from './hostile/report.ts';
import { labelled, readMetrics, total } from './hostile/server-metrics.ts';
import { residentBytes } from './measure/cpu.ts';
import { liveHeap } from './measure/heap.ts';
import { writeResult } from './measure/report.ts';
import { type FrontEndServer, loadRollcall, startRollcall } from './servers/rollcall.ts';

const DOMAIN = 'pool.test';
const ACCOUNTS = 500;
/** Before the baseline of memory is taken: the heap and the caches have their usual size by then. */
const WARM_UP = 100_000;
/** RFC 3261 Timer J and a garbage collection, seconds. */
const IDLE_SECONDS = 45;
/** Of the heap in use, over the attack, bytes. */
const MAXIMUM_GROWTH = 16 << 20;

const { values: flags } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    from: { type: 'string', default: '0' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(`npm run bench -- hostile [--messages N] [--seed N] [--from N] [--keep]

  --messages N  mutated messages over UDP and TCP (1000000); on top of them come some over TLS and WebSocket, handshakes
                of both, and PROXY headers
  --seed N      makes the same messages again (by default another one each time)
  --from N      begins at that message (0)
  --keep        writes the result to bench/results/`);
  process.exit();
}
const [messages, seed, from] = [allMessages(Number(flags.messages)), Number(flags.seed), Number(flags.from)];
const SERVER = { flags: ['--proxy-networks', BALANCERS] };
const names = Array.from({ length: ACCOUNTS }, (_, index) => `h${index + 1}`);
const logins = names.map((user) => ({ user, password: password(user) }));

const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
try {
  await loadRollcall(database.url, DOMAIN, [...names, 'bystander'], password);
  console.error(`seed ${seed}, messages ${from} to ${from + messages - 1}`);
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

/** The whole attack on one front end. @returns whether it held */
async function run(): Promise<boolean> {
  const server = await startRollcall(database.url, DOMAIN, { ...SERVER, inspect: true });
  try {
    const start = await memory(server);
    const warmUp = await attack(attacked(server), { seed: seed + 1, messages: WARM_UP });
    const baseline = await afterIdle(server);
    const result = await attack(attacked(server), {
      seed,
      from,
      messages,
      onProgress: (sent) => console.error(`${sent} sent, resident ${megabytes(residentBytes(server.process))} MB`),
    });
    const end = await afterIdle(server);
    const peak = Math.max(warmUp.peakResident, result.peakResident);
    const problems = await findProblems(server, end.heap - baseline.heap);
    const drops = labelled(await readMetrics(server.addresses.http), 'rollcall_sip_dropped_total', 'reason');
    const sent = { from, messages, seed, idleSeconds: IDLE_SECONDS, warmUp: WARM_UP };
    const text = report({ sent, result, drops, start, baseline, peak, end, problems });
    console.log(text);
    if (flags.keep) console.error(`kept as ${await writeResult('hostile', text)}`);
    return problems.length === 0;
  } catch (error) {
    if (!(error instanceof AttackSucceededError)) throw error;
    console.error(`The attack succeeded: ${error.message}\nErrors that were logged:\n${server.errors.join('\n')}`);
    await server.stop();
    await findOffender(error);
    return false;
  } finally {
    await server.stop();
  }
}

function attacked({ process, addresses }: FrontEndServer): Attacked {
  return {
    process,
    addresses,
    domain: DOMAIN,
    logins,
    bystander: { user: 'bystander', password: password('bystander') },
  };
}

async function memory(server: FrontEndServer): Promise<Memory> {
  const heap = await liveHeap(server.inspector!);
  return { heap, resident: residentBytes(server.process) };
}

async function afterIdle(server: FrontEndServer): Promise<Memory> {
  await sleep(IDLE_SECONDS * 1000);
  return memory(server);
}

/** What valid requests do not show. */
async function findProblems(server: FrontEndServer, growth: number): Promise<string[]> {
  const problems = countErrors(server.errors);
  const metrics = await readMetrics(server.addresses.http);
  const open = ['tcp', 'tls', 'ws'].map((transport) => `rollcall_${transport}_connections`);
  const left = ['rollcall_sip_transactions', ...open];
  for (const name of left) if (total(metrics, name) > 0) problems.push(`${name} is ${total(metrics, name)} at the end`);
  const failed = total(metrics, 'rollcall_sip_dropped_total', 'reason="failed"');
  if (failed > 0) problems.push(`${failed} messages could not be handled`);
  const received = total(metrics, 'rollcall_sip_requests_received_total');
  const answered = total(metrics, 'rollcall_sip_responses_sent_total');
  if (answered === 0 || answered > received) problems.push(`${answered} answers to ${received} requests were counted`);
  if (growth > MAXIMUM_GROWTH) problems.push(`memory grew by ${megabytes(growth)} MB`);
  return problems;
}

/** Each kind of logged error with its first line, and how often it was logged. */
function countErrors(lines: readonly string[]): string[] {
  const kinds = new Map<string, { first: string; count: number }>();
  for (const line of lines) {
    const { msg, err } = JSON.parse(line);
    const kind = `${msg}: ${err?.stack ?? ''}`;
    const { first, count } = kinds.get(kind) ?? { first: line, count: 0 };
    kinds.set(kind, { first, count: count + 1 });
  }
  return [...kinds.values()].map(({ first, count }) => `logged ${count} times: ${first}`);
}

/** Sends the messages again one by one, each to a front end that still works, and shows the one that breaks it. */
async function findOffender({ seed, batch }: AttackSucceededError): Promise<void> {
  console.error('Looking for the message that did it ...');
  let server = await startRollcall(database.url, DOMAIN, SERVER);
  for (const { index, way, mutations, bytes } of batch) {
    try {
      await attack(attacked(server), { seed, from: index, messages: 1, lingering: 0 });
    } catch (error) {
      console.error(`Message ${index} over ${way} (${mutations.join(', ')}): ${(error as Error).message}`);
      console.error(`${bytes.toString('latin1')}\nIts octets in base64: ${bytes.toString('base64')}`);
      return await server.stop();
    }
    if (!server.alive) server = await startRollcall(database.url, DOMAIN, SERVER);
  }
  await server.stop();
  console.error('None of them alone.');
}

function password(user: string): string {
  return `secret-${user}`;
}
