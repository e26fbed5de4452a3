// npm run bench -- presence: one user publishes, 1,000 watch; through one front end and two, and through Kamailio's presence
// server, which takes turns with them on the same PostgreSQL server.
import { parseArgs } from 'node:util';
import { writeResult } from './measure/report.ts';
import { openArena } from './presence/contestants.ts';
import { report } from './presence/report.ts';
import { measureInTurns, measurePlain } from './presence/rounds.ts';
import type { PresenceStore } from './servers/kamailio-presence.ts';

const TURNS = 5;

const { values: flags } = parseArgs({
  options: {
    watchers: { type: 'string', default: '1000' },
    count: { type: 'string', default: '50' },
    plain: { type: 'string', default: '20' },
    peers: { type: 'string', default: 'database,memory' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const HELP = `npm run bench -- presence [--watchers N] [--count N] [--plain N] [--peers LIST] [--keep]

  --watchers N  who watch the one who publishes (1000)
  --count N     PUBLISHes for each row, each after all watchers have been told of the one before (50)
  --plain N     PUBLISHes in the form of presence-fanout.sh, which waits for no watcher (20); 0: none
  --peers LIST  where Kamailio keeps subscriptions, where it is installed (database,memory); '' for none
  --keep        writes the table to bench/results/`;

if (flags.help) console.log(HELP);
else await run();

async function run(): Promise<void> {
  const [watchers, publications, plain] = [flags.watchers, flags.count, flags.plain].map(Number) as [
    number,
    number,
    number,
  ];
  const peers = flags.peers.split(',').filter(Boolean) as PresenceStore[];
  const arena = await openArena({ watchers, peers });
  try {
    if (!arena.kamailio) console.error('Kamailio presence is not installed: Rollcall is measured alone.');
    const measured = await measureInTurns(arena, { publications, turns: TURNS });
    const plainly = plain > 0 ? await measurePlain(arena, plain) : [];
    const { kamailio } = arena;
    const text = report({ watchers, publications, measured, plain: plainly, kamailio });
    console.log(text);
    if (flags.keep) console.error(`kept as ${await writeResult('presence', text)}`);
    if (measured.some(({ notifications, told }) => notifications < told)) process.exitCode = 1;
  } finally {
    await arena.stop();
  }
}
