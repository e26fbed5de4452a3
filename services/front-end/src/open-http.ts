import { type ListenerEvents, serveWebSockets } from '@rollcall/sip';
import { hostPort } from './host-port.ts';
import { type HttpOptions, makeHttpServer } from './http/server.ts';
import { explain } from './listeners.ts';
import type { FrontEndSettings } from './settings.ts';

export interface OpenHttpOptions extends Omit<HttpOptions, 'proxyNetworks'> {
  settings: FrontEndSettings;
  /** Gets the SIP messages that come over WebSocket. */
  on: ListenerEvents;
}

export interface Http {
  /** `host:port`, of SIP over WebSocket too. */
  readonly address: string;
  /** Open WebSockets. */
  readonly connections: number;
  close(): Promise<void>;
}

/** Opens HTTP, for clients, operators and balancers, and SIP over WebSocket on the same port. */
export async function openHttp({ settings, on, ...options }: OpenHttpOptions): Promise<Http> {
  const { host, httpPort, proxyNetworks, wsOrigins } = settings;
  const http = makeHttpServer({ ...options, proxyNetworks });
  await http.listen({ host, port: httpPort }).catch((error) => {
    throw explain(error, '--http-port', host, httpPort);
  });
  const webSockets = serveWebSockets(http.server, { on, origins: wsOrigins });
  const connections = () => webSockets.connections;
  options.metrics.gauge('rollcall_ws_connections', 'Open SIP connections over WebSocket', connections);
  return {
    address: hostPort(http.server.address() as { address: string; port: number }),
    get connections() {
      return connections();
    },
    async close() {
      await webSockets.close();
      await http.close();
    },
  };
}
