import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Via } from '../message/index.ts';
import type { Flow } from '../transaction/index.ts';
import type { Address, Listener, ListenerEvents } from './listener.ts';
import { writeAtTurnEnd } from './turn-end.ts';

/** Shorter than any SIP message: CRLF, NUL or lone-byte keep-alives (RFC 5626 §3.5, and what NAT pingers send). */
const RUNT_BYTES = 16;

/** What is sent in a turn leaves before its end when it is as many datagrams as this. */
const MAXIMUM_UNSENT = 64;

export interface UdpOptions {
  host: string;
  port: number;
  on: ListenerEvents;
}

export interface UdpListener extends Listener {
  /** The flow towards an address, for requests that this end begins. */
  flowTo(address: string, port: number): Flow;
}

/** Binds a UDP socket and hands each datagram to `on.message` with the flow of its 5-tuple. */
export async function listenUdp({ host, port, on }: UdpOptions): Promise<UdpListener> {
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    recvBufferSize: 8 << 20,
    sendBufferSize: 8 << 20,
    // Addresses are literals here: no resolver in the way of a datagram.
    lookup: (address, options, done) => done(null, address, typeof options === 'number' ? options : 4),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(port, host, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
  const local = { address: socket.address().address, port: socket.address().port };
  const sender = new Sender(socket, on);
  socket.on('error', () => on.dropped?.('send-failed'));
  socket.on('message', (bytes, from) => {
    if (bytes.length < RUNT_BYTES) on.dropped?.(isKeepAlive(bytes) ? 'keep-alive' : 'runt');
    else on.message(bytes, new UdpFlow(sender, local, { address: from.address, port: from.port }));
  });
  return {
    transport: 'UDP',
    address: local,
    connections: 0,
    flowTo: (address, port) => new UdpFlow(sender, local, { address, port }),
    close: () => {
      sender.write();
      return new Promise((resolve) => socket.close(() => resolve()));
    },
  };
}

function isKeepAlive(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0 && byte !== 13 && byte !== 10 && byte !== 32) return false;
  return true;
}

/**
 * What is sent in one turn of the event loop leaves together at its end. A datagram to somebody who waits for one costs the
 * waking of that process, most of what sending takes; those that come right behind find it awake.
 */
class Sender {
  readonly #socket: Socket;
  readonly #on: ListenerEvents;
  #unsent: { bytes: Buffer; to: Address }[] = [];

  constructor(socket: Socket, on: ListenerEvents) {
    this.#socket = socket;
    this.#on = on;
  }

  send(bytes: Buffer, to: Address): void {
    if (this.#unsent.length === 0) writeAtTurnEnd(this);
    this.#unsent.push({ bytes, to });
    if (this.#unsent.length === MAXIMUM_UNSENT) this.write();
  }

  write(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const { bytes, to } of unsent) {
      try {
        this.#socket.send(bytes, to.port, to.address);
      } catch {
        // Port 0 or a socket that is closing: a datagram may be lost, the process may not.
        this.#on.dropped?.('send-failed');
      }
    }
  }
}

class UdpFlow implements Flow {
  readonly transport = 'UDP';
  readonly reliable = false;
  readonly closed = false;
  readonly local: Address;
  readonly remote: Address;
  readonly #sender: Sender;

  constructor(sender: Sender, local: Address, remote: Address) {
    this.#sender = sender;
    this.local = local;
    this.remote = remote;
  }

  get id(): string {
    return `udp:${this.remote.address}:${this.remote.port}`;
  }

  send(bytes: Buffer): void {
    this.#sender.send(bytes, this.remote);
  }

  close(): void {}

  /** The flow that a response takes: RFC 3261 §18.2.2 and RFC 3581 §4. */
  towards(port: number): Flow {
    return new UdpFlow(this.#sender, this.local, { address: this.remote.address, port });
  }
}

/**
 * The flow on which the responses to a request go back. On UDP that is the source address, with the source port
 * if the client asked for it (RFC 3581 §4) and else the port of its Via (RFC 3261 §18.2.2); `maddr` is not
 * followed, since it would let anyone aim our answers at a third party.
 */
export function responseFlow(flow: Flow, via: Via): Flow {
  if (!(flow instanceof UdpFlow) || via.rport !== undefined) return flow;
  const port = via.port ?? 5060;
  return port === flow.remote.port ? flow : flow.towards(port);
}
