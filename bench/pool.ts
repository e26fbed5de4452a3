/**
 * A pool on this machine as `rollcall pool` runs it: how evenly its clients are spread, and what they notice of a front
 * end that is killed and of a restart of all front ends.
 *
 *   npm run bench -- pool [--clients 10000] [--front-ends 2] [--balancers 2] [--rate 200] [--drain 10]
 *
 * --rate: registrations a second during the restart.
 */
import { parseArgs } from 'node:util';
import { startLocalPool } from './pool/local-pool.ts';
import { killOne, readSpread, registerClients, restartAll } from './pool/rounds.ts';

const { values: flags } = parseArgs({
  options: {
    clients: { type: 'string', default: '10000' },
    'front-ends': { type: 'string', default: '2' },
    balancers: { type: 'string', default: '2' },
    rate: { type: 'string', default: '200' },
    drain: { type: 'string', default: '10' },
  },
});
const count = Number(flags.clients);
const pool = await startLocalPool(count, [
  ...['--front-ends', flags['front-ends'], '--balancers', flags.balancers, '--drain-seconds', flags.drain],
]);
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
try {
  const started = performance.now();
  const clients = await registerClients(pool, count);
  const failed = clients.filter(({ failures }) => failures.length > 0).length;
  console.log(
    `${count} TCP clients connected and registered in ${seconds(performance.now() - started)}, ${failed} failed`,
  );

  for (const failure of new Set(clients.flatMap(({ failures }) => failures))) console.log(`  ${failure}`);

  const { connections, deviation } = await readSpread(pool, count);
  console.log(`connections of each front end: ${connections.join(', ')} (${(deviation * 100).toFixed(1)}% from even)`);

  const victim = (await pool.frontEnds())[0]!;
  const death = await killOne(pool, clients, victim);
  console.log(
    `kill -9 of one: ${death.lost} clients lost their connection, ${death.back} came back, the slowest was registered ` +
      `${seconds(death.slowestReturn)} after its reconnect; nobody was listed on it after ${seconds(death.listRight)}, all were back after ${seconds(death.allBack)}; ${death.failures.length} failed`,
  );

  for (const client of clients) client.staysAway = false;
  await Promise.all(clients.filter((client) => !client.connected).map((client) => client.register()));
  const restart = await restartAll(pool, clients, Number(flags.rate));
  console.log(
    `rolling restart in ${seconds(restart.seconds * 1000)}: ${restart.registrations} registrations beside the reconnects, ` +
      `${restart.retries} sent again, ${restart.failures.length} failed`,
  );
  for (const failure of new Set(restart.failures)) console.log(`  ${failure}`);
  for (const client of clients) client.close();
} catch (error) {
  console.error(pool.log().split('\n').slice(-20).join('\n'));
  throw error;
} finally {
  const down = pool
    .log()
    .split('\n')
    .filter((line) => line.includes('is DOWN'));
  console.log(`the balancers took a front end for dead ${down.length} times (sip, sips and http are told apart)`);
  await pool.stop();
}
process.exit();
