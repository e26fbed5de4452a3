import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { SipConnection } from './sip-client-connection.ts';
import { Inbox } from './sip-client-inbox.ts';

/** SIP over WebSocket (RFC 7118): each message that is sent is one text frame, each Buffer one binary frame. */
export async function openWebSocket(to: string, from?: string): Promise<SipConnection> {
  const inbox = new Inbox();
  const webSocket = new WebSocket(`ws://${to}/sip`, 'sip', { ...(from && { localAddress: from }) });
  const ended = new Promise<void>((resolve) => webSocket.once('close', () => resolve()));
  let socket: Socket | undefined;
  webSocket.once('upgrade', (response) => {
    socket = response.socket;
  });
  await once(webSocket, 'open');
  webSocket.on('error', () => {});
  let pongs = 0;
  webSocket.on('message', (bytes) => {
    if (String(bytes) === '\r\n') pongs += 1;
    else inbox.put(String(bytes));
  });
  return {
    transport: 'WS',
    local: { address: socket?.localAddress ?? '', port: socket?.localPort ?? 0 },
    get pongs() {
      return pongs;
    },
    fingerprint: undefined,
    send: (message) => webSocket.send(message),
    ...inbox.reading,
    ended,
    close: () => {
      webSocket.terminate();
      return ended;
    },
  };
}
