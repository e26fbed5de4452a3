// npm run bench -- message: MESSAGE from senders on TCP to phones that answer 200, on the same front end and on another,
// and through Kamailio on one node, which takes turns with them on the same PostgreSQL server.
import { runRelayBench } from './relay/bench.ts';

await runRelayBench({
  name: 'message',
  scenario: 'message.xml',
  operations: 100_000,
  times: 'p50 and p99 are from a MESSAGE to its 200.',
  method: 'MESSAGE',
});
