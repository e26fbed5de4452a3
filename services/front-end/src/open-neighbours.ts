import { readFile } from 'node:fs/promises';
import type { BackEnd } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';
import { explain } from './listeners.ts';
import type { FrontEndMetrics } from './metrics.ts';
import type { Sip } from './open-sip.ts';
import { Outbound } from './outbound.ts';
import { Peers } from './peers.ts';
import type { FrontEndSettings } from './settings.ts';

export interface NeighboursOptions {
  settings: FrontEndSettings;
  log: Log;
  metrics: FrontEndMetrics;
  backEnd: Pick<BackEnd, 'findFrontEnds'>;
  sip: Sip;
}

export interface Neighbours {
  readonly peers: Peers;
  readonly outbound: Outbound;
  close(): Promise<void>;
}

/** Opens the ways to other servers: to the other front ends of the pool, and out of it. */
export async function openNeighbours({ settings, log, metrics, backEnd, sip }: NeighboursOptions): Promise<Neighbours> {
  const { internalHost = settings.host, internalPort } = settings;
  const peers = await Peers.open({
    ...{ host: internalHost, port: internalPort, tls: await readTls(settings), backEnd, log },
    on: sip.receiver,
    failed: (why) => metrics.peerFailed(why),
  }).catch((error) => {
    throw explain(error, '--internal-port', internalHost, internalPort);
  });
  const outbound = new Outbound({
    udp: sip.listeners.udp,
    ports: { TCP: sip.listeners.tcp.address.port, TLS: sip.listeners.tls.address.port },
    on: sip.receiver,
    awaits: (flow) => sip.transactions.awaits(flow),
  });
  outbound.start();
  metrics.gauge('rollcall_internal_connections', 'Open connections between front ends', () => peers.connections);
  metrics.gauge('rollcall_outbound_connections', 'Open connections to other servers', () => outbound.connections);
  return {
    peers,
    outbound,
    async close() {
      outbound.stop();
      await peers.close();
    },
  };
}

async function readTls({ internalTlsCert, internalTlsKey, internalTlsCa }: FrontEndSettings) {
  if (!internalTlsCert || !internalTlsKey || !internalTlsCa) return undefined;
  const read = (file: string) => readFile(file, 'utf8');
  const [cert, key, ca] = await Promise.all([read(internalTlsCert), read(internalTlsKey), read(internalTlsCa)]);
  return { cert, key, ca };
}
