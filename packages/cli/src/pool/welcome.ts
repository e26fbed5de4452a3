import { accountsText } from '../standard-edition/welcome.ts';
import type { PoolReady } from './run.ts';

/** What `rollcall pool` prints when it is ready. `dataFlag`: ` --data DIR` as commands for this folder need it. */
export function poolWelcomeText({
  accounts,
  addresses,
  data,
  domain,
  frontEnds,
  dataFlag,
}: PoolReady & { dataFlag: string }): string {
  const { tcp, tls, http, https, stats } = addresses;
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
    `    npm run rollcall -- front-ends${dataFlag}`,
    `    npm run rollcall -- endpoints${dataFlag}`,
    `    npm run rollcall -- account list${dataFlag}`,
    '',
    `  Statistics of the balancer: ${stats.map((address) => `http://${address}/`).join(', ')} (/metrics for Prometheus)`,
    '  Ctrl-C stops it.',
    '',
  ].join('\n')}\n`;
}
