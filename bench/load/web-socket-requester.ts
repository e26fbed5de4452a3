import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createWebSocketStream, WebSocket } from 'ws';
import type { Requester } from './requester.ts';
import { StreamRequester } from './stream-requester.ts';

/** Requests over one WebSocket (RFC 7118) to `hostPort`, one a frame. */
export async function openWebSocketRequester(hostPort: string, from = '127.0.0.1'): Promise<Requester> {
  const webSocket = new WebSocket(`ws://${hostPort}/sip`, 'sip', { localAddress: from });
  let socket: Socket | undefined;
  webSocket.once('upgrade', (response) => {
    socket = response.socket;
  });
  // Before it is open: a message that came with the answer to the handshake would be lost else.
  const stream = createWebSocketStream(webSocket);
  await once(webSocket, 'open');
  return new StreamRequester('WS', stream, { address: from, port: socket?.localPort ?? 0 });
}
