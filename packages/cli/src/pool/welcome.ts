import { quoted } from '../commands/quoted.ts';
import { DEFAULT_DATA } from '../connection.ts';
import { accountsText } from '../standard-edition/welcome.ts';
import type { PoolReady } from './run.ts';
import type { PoolSettings } from './settings.ts';

/** How commands find a pool: ` --data DIR`, or ` --database-url URL` without the password; nothing where that is the default. */
export function connectionFlag({ askedDatabase, data }: PoolSettings): string {
  if (askedDatabase === undefined) return data === DEFAULT_DATA ? '' : ` --data ${quoted(data)}`;
  const url = new URL(askedDatabase);
  url.password = '';
  return ` --database-url ${quoted(url.href)}`;
}

/** What `rollcall pool` prints when it is ready. */
export function poolWelcomeText({
  accounts,
  addresses,
  data,
  domain,
  frontEnds,
  settings,
}: PoolReady & { settings: PoolSettings }): string {
  const connection = connectionFlag(settings);
  const { tcp, tls, http, https, stats, replicator } = addresses;
  const sample = accounts.find(({ role }) => role === 'user');
  const web = [`http://${http}`, ...(https ? [`https://${https}`] : [])];
  const webSockets = [`ws://${http}/sip`, ...(https ? [`wss://${https}/sip`] : [])];
  return `${[
    '',
    `A pool of ${frontEnds.length} front ends is ready for ${domain}; its data is in ${data}`,
    '',
    '  Point clients at it:',
    '',
    `    SIP         TCP ${tcp}, TLS ${tls}`,
    `    WebSocket   ${webSockets.join(', ')}`,
    `    HTTP        ${web.join(', ')}`,
    `    domain      ${domain}`,
    ...(sample ? [`    user        ${sample.user}`, `    password    ${sample.password}`] : []),
    '',
    ...(accounts.length > 0 ? [accountsText(accounts)] : []),
    '  Look at it and manage it while it runs, from another terminal:',
    '',
    `    npm run rollcall -- front-ends${connection}`,
    `    npm run rollcall -- endpoints${connection}`,
    `    npm run rollcall -- account list${connection}`,
    ...(settings.askedDatabase === undefined ? [] : ['', '  Put in the password of the database, which is not shown.']),
    ...(settings.redisUrl === undefined ? [] : ['', '  Commands that change an account need --redis-url too.']),
    '',
    `  Statistics of the balancer: ${stats.map((address) => `http://${address}/`).join(', ')} (/metrics for Prometheus)`,
    ...(replicator
      ? [
          `  How the directory is followed: http://${replicator}/metrics, npm run rollcall -- replicator status${connection}`,
        ]
      : []),
    '  Ctrl-C stops it.',
    '',
  ].join('\n')}\n`;
}
