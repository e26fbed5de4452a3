import type { Log } from '@rollcall/process';
import { type Listener, type ListenerEvents, listenStream, listenUdp, type UdpListener } from '@rollcall/sip';
import { findCertificate } from './certificate.ts';
import { readClientAuthorities } from './client-authorities.ts';
import type { FrontEndSettings } from './settings.ts';

export interface Listeners {
  udp: UdpListener;
  tcp: Listener;
  tls: Listener;
}

/** How many numbers are tried when the first ones that TCP is given are taken on UDP. */
const NUMBERS = 10;

/** A port that is taken, or an address that this machine does not have, named with its flag. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Opens SIP over UDP and TCP on one port, and over TLS; what was opened is closed again when one fails. */
export async function openListeners(settings: FrontEndSettings, log: Log, on: ListenerEvents): Promise<Listeners> {
  const { host, sipPort, sipsPort, proxyNetworks } = settings;
  const tls = { ...(await findCertificate(settings, log)), ...(await readClientAuthorities(settings)) };
  const sip = await listenOnOneNumber(sipPort, {
    tcp: (port) => listenStream({ host, port, on, proxyNetworks }),
    udp: (port) => listenUdp({ host, port, on }),
  }).catch((error) => Promise.reject(explain(error, '--sip-port', host, error.port ?? sipPort)));
  try {
    return { ...sip, tls: await listenStream({ host, port: sipsPort, on, proxyNetworks, tls }) };
  } catch (error) {
    await Promise.all([sip.udp.close(), sip.tcp.close()]);
    throw explain(error as NodeJS.ErrnoException, '--sips-port', host, sipsPort);
  }
}

/** Opens TCP and UDP on one number. With port 0 it is the one that TCP is given; where UDP has it taken, another. */
export async function listenOnOneNumber(
  port: number,
  listen: { tcp(port: number): Promise<Listener>; udp(port: number): Promise<UdpListener> },
): Promise<Pick<Listeners, 'tcp' | 'udp'>> {
  for (let left = NUMBERS - 1; ; left--) {
    const tcp = await listen.tcp(port);
    try {
      return { tcp, udp: await listen.udp(tcp.address.port) };
    } catch (error) {
      await tcp.close();
      if (port !== 0 || left === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

/** Says what was wrong and what to do. */
export function explain(error: NodeJS.ErrnoException, flag: string, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError(`Port ${port} on ${host} is in use: end what uses it, or choose another with ${flag}.`);
    case 'EACCES':
      return new ListenError(`Port ${port} needs privileges: choose one above 1023 with ${flag}.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError(`This machine does not have the address ${host}: choose another with --host.`);
    default:
      return error;
  }
}
