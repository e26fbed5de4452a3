// npm run bench -- call: INVITE, 200, ACK, BYE, 200 with Record-Route, from callers on TCP to phones that answer, on the same
// front end and on another, and through Kamailio on one node, which takes turns with them on the same PostgreSQL server.
import { runRelayBench } from './relay/bench.ts';

await runRelayBench({
  name: 'call',
  scenario: 'call.xml',
  operations: 40_000,
  times: 'p50 and p99 are from an INVITE to its 200.',
  method: 'INVITE',
});
