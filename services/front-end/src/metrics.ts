import { Counter, Gauge, Histogram, type Registry } from '@rollcall/process';

/** Methods that get a label of their own: a label per made-up method would let anyone grow the registry. */
const KNOWN_METHODS = new Set(
  'ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE'.split(' '),
);

const HTTP_METHODS = new Set('DELETE GET HEAD OPTIONS PATCH POST PUT'.split(' '));

export type FrontEndMetrics = ReturnType<typeof makeFrontEndMetrics>;

/** The figures of one front end; hot ones are plain numbers that are read when somebody asks. */
export function makeFrontEndMetrics(registry: Registry) {
  const received = tally(registry, 'rollcall_sip_requests_received_total', 'SIP requests received', [
    'method',
    'transport',
  ]);
  const answers = tally(registry, 'rollcall_sip_responses_sent_total', 'Final responses sent', ['method', 'status']);
  const drops = tally(registry, 'rollcall_sip_dropped_total', 'Input that was thrown away or refused by a limit', [
    'reason',
  ]);
  const authentications = tally(
    registry,
    'rollcall_authentications_total',
    'Verified passwords and tokens by outcome',
    ['outcome'],
  );
  const binds = tally(
    registry,
    'rollcall_directory_binds_total',
    'Passwords that the directory was asked about, by its answer or the reason for none',
    ['result'],
  );
  const httpAnswers = tally(registry, 'rollcall_http_responses_total', 'HTTP responses sent', ['method', 'status']);
  const streamDrops = tally(
    registry,
    'rollcall_event_streams_dropped_total',
    'Event streams that were ended because their client did not read',
    [],
  );
  const expired = tally(
    registry,
    'rollcall_endpoints_expired_total',
    'Expired endpoints that this front end removed',
    [],
  );
  const orphaned = tally(
    registry,
    'rollcall_endpoints_orphaned_total',
    'Endpoints that this front end removed because the front end of their connection was gone',
    [],
  );
  const removed = tally(
    registry,
    'rollcall_endpoints_removed_total',
    'Endpoints removed whose flow this front end held',
    ['reason'],
  );
  const peerFailures = tally(
    registry,
    'rollcall_peer_failures_total',
    'Times that another front end could not be reached or did not answer any more',
    ['why'],
  );
  const ended = tally(
    registry,
    'rollcall_associations_ended_total',
    'Trusted accounts of connections that ended because the account changed',
    [],
  );
  const waited = tally(
    registry,
    'rollcall_messages_waited_total',
    'Messages that waited for an endpoint, and were taken by one',
    [],
  );
  const notifications = tally(
    registry,
    'rollcall_notifications_total',
    'Notifications to watchers by what became of them',
    ['result'],
  );
  const applicationFailures = tally(
    registry,
    'rollcall_application_failures_total',
    'Requests that went on without a server application because it failed, and failures outside of requests',
    ['application', 'why'],
  );
  const applicationDecisions = tally(
    registry,
    'rollcall_application_decisions_total',
    'What server applications made of the requests that they were shown',
    ['application', 'decision'],
  );
  const seconds = new Histogram({
    name: 'rollcall_sip_request_seconds',
    help: 'From the request to its final response',
    labelNames: ['method'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const durations = new Map<string, { observe(value: number): void }>();
  const label = (method: string) => (KNOWN_METHODS.has(method) ? method : 'other');

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    received: (method: string, transport: string) => received(label(method), transport),
    answered(method: string, status: number, duration: number): void {
      const known = label(method);
      answers(known, String(status));
      const histogram = durations.get(known) ?? seconds.labels(known);
      durations.set(known, histogram);
      histogram.observe(duration);
    },
    dropped: (reason: string) => drops(reason),
    authentication: (outcome: 'succeeded' | 'failed' | 'undecided' | 'slowed') => authentications(outcome),
    directoryBind: (result: string) => binds(result),
    httpAnswered: (method: string, status: number) =>
      httpAnswers(HTTP_METHODS.has(method) ? method : 'other', String(status)),
    streamDropped: () => streamDrops.add(1),
    expired: (count: number) => expired.add(count),
    orphaned: (count: number) => orphaned.add(count),
    endpointRemoved: (reason: string) => removed(reason),
    peerFailed: (why: string) => peerFailures(why),
    associationEnded: () => ended(),
    waitingDelivered: () => waited(),
    notified: (result: string) => notifications(result),
    applicationFailed: (application: string, why: string) => applicationFailures(application, why),
    applicationDecided: (application: string, decision: string) => applicationDecisions(application, decision),
    /** A figure that is read when the metrics are. */
    gauge(name: string, help: string, read: () => number): void {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    /** Figures that are read when the metrics are, one for each value of a label. */
    gauges(
      name: string,
      help: string,
      label: string,
      read: () => Promise<readonly (readonly [string, number])[]>,
    ): void {
      new Gauge({
        ...{ name, help, labelNames: [label], registers: [registry] },
        async collect() {
          for (const [value, count] of await read()) this.set({ [label]: value }, count);
        },
      });
    },
  };
}

/** A labelled counter kept in a plain map, since prom-client hashes its labels at each increment (1 µs). */
function tally(registry: Registry, name: string, help: string, labels: string[]) {
  interface Node {
    values: string[];
    count: number;
    next: Map<string, Node>;
  }
  const root: Node = { values: [], count: 0, next: new Map() };
  const nodes: Node[] = labels.length === 0 ? [root] : [];
  const add = (count: number, ...values: string[]) => {
    let node = root;
    for (const value of values) {
      let next = node.next.get(value);
      if (!next) {
        next = { values: [...node.values, value], count: 0, next: new Map() };
        node.next.set(value, next);
        if (next.values.length === labels.length) nodes.push(next);
      }
      node = next;
    }
    node.count += count;
  };
  new Counter({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      this.reset();
      for (const { values, count } of nodes) this.labels(...values).inc(count);
    },
  });
  return Object.assign((...values: string[]) => add(1, ...values), { add });
}
