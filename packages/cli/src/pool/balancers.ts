import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@rollcall/process';
import { balancerProcess, checkHaproxy } from './balancer-process.ts';
import { haproxyConfig } from './haproxy-config.ts';
import { FRONT_END_PORTS, type Places, portOrFree } from './places.ts';
import type { PoolSettings } from './settings.ts';
import type { Supervised } from './supervised.ts';

/** Where clients reach the pool, `host:port`. */
export interface PoolAddresses {
  tcp: string;
  tls: string;
  ws: string;
  http: string;
  https?: string;
  /** Statistics of each balancer, on the loopback. */
  stats: string[];
  /** Health and metrics of the user replicator, where a directory is followed. */
  replicator?: string;
}

export interface Balancers {
  addresses: PoolAddresses;
  processes: Supervised[];
}

/** Writes HAProxy's configuration into `folder` and prepares its processes; nothing runs yet. */
export async function prepareBalancers(
  settings: PoolSettings,
  places: Places,
  certificate: { cert: string; key: string },
  folder: string,
  log: Log,
): Promise<Balancers> {
  const { host } = settings;
  await mkdir(folder, { recursive: true });
  const pem = join(folder, 'certificate.pem');
  await writeFile(pem, `${certificate.cert}\n${certificate.key}\n`, { mode: 0o600 });
  const at = async (port: number) => `${host.includes(':') ? `[${host}]` : host}:${await portOrFree(host, port)}`;
  const http = await at(settings.httpPort);
  const vip = { tcp: await at(settings.sipPort), tls: await at(settings.sipsPort), http, ws: http };
  const https = settings.httpsPort === undefined ? undefined : await at(settings.httpsPort);
  const stats: string[] = [];
  const processes: Supervised[] = [];
  for (let number = 1; number <= settings.balancers; number += 1) {
    const port = settings.statsPort === 0 ? 0 : settings.statsPort + number - 1;
    const operators = `127.0.0.1:${await portOrFree('127.0.0.1', port)}`;
    stats.push(operators);
    const file = join(folder, `haproxy-${number}.cfg`);
    const config = haproxyConfig({
      ...{ sip: vip.tcp, sips: vip.tls, http, operators },
      ...(https && { https: { bind: https, certificate: pem } }),
      serverLines: (kind, more) => serverLines(settings.frontEnds, places, FRONT_END_PORTS[kind], more),
    });
    await writeFile(file, config);
    await checkHaproxy(file);
    processes.push(balancerProcess(number, file, { host: '127.0.0.1', port: Number(operators.split(':')[1]) }, log));
  }
  return { addresses: { ...vip, ...(https && { https }), stats }, processes };
}

function serverLines(count: number, places: Places, port: number, more: string): string[] {
  return Array.from(
    { length: count },
    (_, index) =>
      `server front-end-${index + 1} ${places.frontEnd(index + 1)}:${port} port ${FRONT_END_PORTS.http} source ${places.balancer} ${more}`,
  );
}
