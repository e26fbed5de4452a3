/**
 * What a registration costs below SIP: api.register through packages/back-end, on the embedded PostgreSQL with fsync on.
 *
 *   node bench/back-end-register.ts [--accounts 100000] [--waiting 400] [--concurrency 2] [--batch 200] [--rounds 3] [--challenged] [--proven] [--shuffled]
 *
 * --waiting: requests that wait for an answer at any time, as clients would. --challenged: each uses a new nonce. --proven: each brings a Digest response,
 * which the call verifies.
 * Prints for first registrations and for refreshes: rate, CPU µs each in Node and in PostgreSQL (all its processes), and
 * the size of the endpoint table.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BackEnd, deploy, openBackEnd } from '../packages/back-end/src/index.ts';
import { startLocalDatabase } from '../packages/local-database/src/index.ts';
import { digestProof, endpointSize, importBenchAccounts, postgresCpu, registerRequest } from './load/back-end.ts';

const { values: flags } = parseArgs({
  options: {
    accounts: { type: 'string', default: '100000' },
    waiting: { type: 'string', default: '400' },
    concurrency: { type: 'string', default: '2' },
    batch: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    challenged: { type: 'boolean', default: false },
    proven: { type: 'boolean', default: false },
    shuffled: { type: 'boolean', default: false },
  },
});
const accounts = Number(flags.accounts);
const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const database = await startLocalDatabase({ folder });
await deploy({ databaseUrl: database.url });
const backEnd = await openBackEnd({
  databaseUrl: database.url,
  batch: { concurrency: Number(flags.concurrency), maximumBatch: Number(flags.batch) },
});
try {
  await importBenchAccounts(backEnd, accounts);
  for (let round = 0; round <= Number(flags.rounds); round++) {
    await measure(round === 0 ? 'first registration' : `refresh ${round}`, backEnd, round);
  }
} finally {
  await backEnd.close();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

function request(id: number, round: number) {
  const verified = registerRequest(id, round, flags.challenged);
  return flags.proven ? { ...verified, account: digestProof(id) } : verified;
}

async function measure(title: string, target: BackEnd, round: number): Promise<void> {
  const order = Array.from({ length: accounts }, (_, index) => index + 1);
  if (flags.shuffled) order.sort(() => Math.random() - 0.5);
  let next = 0;
  const client = async () => {
    for (let id = order[next++]; id !== undefined; id = order[next++]) {
      const { outcome } = await target.register(request(id, round));
      if (outcome !== 'registered') throw new Error(outcome);
    }
  };
  const started = {
    time: performance.now(),
    node: process.cpuUsage(),
    postgres: await postgresCpu(database.processId),
  };
  await Promise.all(Array.from({ length: Number(flags.waiting) }, client));
  const seconds = (performance.now() - started.time) / 1000;
  const node = process.cpuUsage(started.node);
  const postgres = (await postgresCpu(database.processId)) - started.postgres;
  console.log(
    [
      title.padEnd(20),
      `${Math.round(accounts / seconds)}/s`.padStart(9),
      `Node ${((node.user + node.system) / accounts).toFixed(1)} µs`.padStart(14),
      `PostgreSQL ${(postgres / accounts).toFixed(1)} µs`.padStart(19),
      await endpointSize(database.url),
    ].join('  '),
  );
}
