import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type AcceptOptions, acceptor, type ConnectionEnds, startsWithProxyHeader } from '@rollcall/sip';

/** Makes an HTTP server take the PROXY header off balanced connections; its requests then show the client's address. */
export function behindBalancer(server: Server, options: AcceptOptions): Server {
  const [serve] = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  const accept = acceptor(options, (socket, ends) => {
    showEnds(socket, ends);
    serve!.call(server, socket);
  });
  server.on('connection', accept);
  // HTTP's own parser refuses a PROXY header of somebody who is no balancer of ours.
  server.on('clientError', (error: Error & { rawPacket?: Buffer }) => {
    if (error.rawPacket && startsWithProxyHeader(error.rawPacket)) options.dropped?.('proxy');
  });
  return server;
}

function showEnds(socket: Socket, { remote, local, secure }: ConnectionEnds): void {
  Object.defineProperties(socket, {
    remoteAddress: { value: remote.address },
    remotePort: { value: remote.port },
    localAddress: { value: local.address },
    localPort: { value: local.port },
    // What Fastify goes by for `request.protocol`.
    ...(secure && { encrypted: { value: true } }),
  });
}
