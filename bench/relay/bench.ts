import { parseArgs } from 'node:util';
import { writeResult } from '../measure/report.ts';
import type { DbMode } from '../servers/kamailio.ts';
import { openArena, type Transport } from './contestants.ts';
import { report } from './report.ts';
import { measureInTurns } from './rounds.ts';

const TURNS = 5;

export interface RelayBench {
  name: 'message' | 'call';
  /** File of bench/scenarios. */
  scenario: string;
  /** Of each contestant, unless the flag says otherwise. */
  operations: number;
  /** What the times of the table are of. */
  times: string;
  /** The method that a phone gets once for each operation. */
  method: 'MESSAGE' | 'INVITE';
}

/** Measures one kind of operation as the command line asks, and prints the table. */
export async function runRelayBench(bench: RelayBench): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      count: { type: 'string', default: String(bench.operations) },
      senders: { type: 'string', default: '200' },
      connections: { type: 'string', default: 'each' },
      receivers: { type: 'string', default: '500' },
      'warm-up': { type: 'string', default: '10000' },
      over: { type: 'string', default: 'UDP,TCP' },
      peers: { type: 'string', default: '3,2' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (flags.help) return console.log(help(bench));
  const [senders, receivers, operations] = [flags.senders, flags.receivers, flags.count].map(Number) as number[];
  const warmUp = Number(flags['warm-up']);
  const receiverTransports = flags.over.split(',') as Transport[];
  const peers = flags.peers.split(',').filter(Boolean).map(Number) as DbMode[];
  const connections = flags.connections === 'one' ? 'one' : 'each';
  const arena = await openArena({ receivers: receivers!, senders: senders!, peers, receiverTransports });
  let text = '';
  try {
    if (!arena.kamailio) console.error('Kamailio is not installed: Rollcall is measured alone.');
    const scenario = new URL(`../scenarios/${bench.scenario}`, import.meta.url).pathname;
    const options = { scenario, operations: operations!, senders: senders!, turns: TURNS, connections } as const;
    const measured = await measureInTurns(arena, { ...options, warmUp });
    const how = `${flags.senders} senders ${connections === 'one' ? 'on one connection' : 'on connections of their own'}`;
    const title = `${bench.name}: ${flags.count} for each row, ${how}, one at a time each, ${flags.receivers} receivers`;
    text = report({ title, times: bench.times, measured, kamailio: arena.kamailio });
    process.exitCode = measured.some(({ failed }) => failed > 0) ? 1 : 0;
  } finally {
    const taken = (await arena.stop())[bench.method] ?? 0;
    const expected = arena.contestants.length * (operations! + warmUp);
    text += `- phones have counted ${taken} of ${expected} ${bench.method} requests, warm-up included\n`;
  }
  console.log(text);
  if (flags.keep) console.error(`kept as ${await writeResult(bench.name, text)}`);
}

function help({ name, operations }: RelayBench): string {
  return `npm run bench -- ${name} [--count N] [--warm-up N] [--senders N] [--connections one|each] [--receivers N] [--over UDP,TCP] [--peers MODES] [--keep]

  --count N        ${name}s for each row of the table (${operations})
  --senders N      senders at once, each with one ${name} under way (200)
  --connections W  TCP senders share one connection, or have one each (each)
  --warm-up N      ${name}s before the first that counts: V8 compiles what is used often (10000)
  --receivers N    phones that answer, on each transport and front end (500)
  --over LIST      transports of the phones that answer (UDP,TCP)
  --peers MODES    Kamailio's db_mode values to compare with, where it is installed (3,2); '' for none
  --keep           writes the table to bench/results/`;
}
