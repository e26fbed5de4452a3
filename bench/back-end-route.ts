/**
 * What routing a request costs below SIP: api.route through packages/back-end, on the embedded PostgreSQL.
 *
 *   node bench/back-end-route.ts [--accounts 20000] [--waiting 60] [--requests 200000] [--rounds 3] [--check-from] [--dialog]
 *
 * --waiting: requests that wait for an answer at any time; with one batch in flight that many share a batch. --check-from:
 * each is from another name than authenticated. --dialog: each has the token of a dialog. Prints rate and CPU µs each in
 * Node and in PostgreSQL (all its processes).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BackEnd, deploy, openBackEnd, type RouteRequest } from '../packages/back-end/src/index.ts';
import { startLocalDatabase } from '../packages/local-database/src/index.ts';
import { importBenchAccounts, postgresCpu, refreshAll } from './load/back-end.ts';

const { values: flags } = parseArgs({
  options: {
    accounts: { type: 'string', default: '20000' },
    waiting: { type: 'string', default: '60' },
    requests: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
    'check-from': { type: 'boolean', default: false },
    dialog: { type: 'boolean', default: false },
  },
});
const accounts = Number(flags.accounts);
const requests = Number(flags.requests);
const endpointIds = new Map<number, number>();
const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const database = await startLocalDatabase({ folder });
await deploy({ databaseUrl: database.url });
const backEnd = await openBackEnd({ databaseUrl: database.url });
try {
  await importBenchAccounts(backEnd, accounts);
  await refreshAll(backEnd, accounts, 0, new Date());
  for (let page = await backEnd.listEndpoints(); page.length > 0; ) {
    for (const { accountId, id } of page) endpointIds.set(accountId, id);
    page = await backEnd.listEndpoints({ after: page.at(-1)! });
  }
  for (let round = 0; round < Number(flags.rounds); round++) await measure(backEnd);
} finally {
  await backEnd.close();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

function request(index: number): RouteRequest {
  const callerId = ((index * 7919) % accounts) + 1;
  const targetId = ((index * 104_729) % accounts) + 1;
  return {
    caller: { accountId: callerId, credentialVersion: 1 },
    from: `user${callerId}@example.org`,
    checkFrom: flags['check-from'],
    target: flags.dialog
      ? { accountId: targetId, endpointId: endpointIds.get(targetId)!, instanceHash: '', uri: '' }
      : { user: `user${targetId}`, domain: 'example.org' },
  };
}

async function measure(target: BackEnd): Promise<void> {
  let next = 0;
  const client = async () => {
    for (let index = next++; index < requests; index = next++) {
      const { outcome } = await target.route(request(index));
      if (outcome !== 'routed') throw new Error(outcome);
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
      `${Math.round(requests / seconds)}/s`.padStart(9),
      `Node ${((node.user + node.system) / requests).toFixed(1)} µs`.padStart(14),
      `PostgreSQL ${(postgres / requests).toFixed(1)} µs`.padStart(19),
    ].join('  '),
  );
}
