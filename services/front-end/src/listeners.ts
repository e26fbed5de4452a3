import type { Log } from '@rollcall/process';
import { type Listener, type ListenerEvents, listenStream, listenUdp } from '@rollcall/sip';
import { findCertificate } from './certificate.ts';
import type { FrontEndSettings } from './settings.ts';

export interface Listeners {
  udp: Listener;
  tcp: Listener;
  tls: Listener;
}

/** A port that is taken, or an address that this machine does not have, named with its flag. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Opens SIP over UDP and TCP on one port, and over TLS; what was opened is closed again when one fails. */
export async function openListeners(settings: FrontEndSettings, log: Log, on: ListenerEvents): Promise<Listeners> {
  const { host, sipPort, sipsPort, proxyNetworks } = settings;
  const certificate = await findCertificate(settings, log);
  const opened: Listener[] = [];
  const open = async (flag: string, port: number, listening: Promise<Listener>) => {
    const listener = await listening.catch((error) => Promise.reject(explain(error, flag, host, port)));
    opened.push(listener);
    return listener;
  };
  try {
    const tcp = await open('--sip-port', sipPort, listenStream({ host, port: sipPort, on, proxyNetworks }));
    // One number for both: with port 0 UDP takes the one that TCP was given.
    const udp = await open('--sip-port', tcp.address.port, listenUdp({ host, port: tcp.address.port, on }));
    const tls = await open(
      '--sips-port',
      sipsPort,
      listenStream({ host, port: sipsPort, on, proxyNetworks, tls: certificate }),
    );
    return { udp, tcp, tls };
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close()));
    throw error;
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
