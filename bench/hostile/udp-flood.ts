import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Target } from '../load/requester.ts';
import type { Statuses } from './statuses.ts';

const SOCKETS = 8;

/** Datagrams from several addresses. */
export class UdpFlood {
  readonly #sockets: Socket[];
  readonly #target: Target;

  static async open(target: Target, statuses: Statuses): Promise<UdpFlood> {
    const opening = Array.from({ length: SOCKETS }, async (_, index) => {
      const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
      socket.bind(0, `127.0.1.${index + 1}`);
      await once(socket, 'listening');
      socket.on('message', (bytes) => void statuses.count(bytes.toString('latin1', 0, 16)));
      socket.on('error', () => {});
      return socket;
    });
    return new UdpFlood(await Promise.all(opening), target);
  }

  constructor(sockets: Socket[], target: Target) {
    this.#sockets = sockets;
    this.#target = target;
  }

  send(bytes: Buffer, index: number): void {
    this.#sockets[index % SOCKETS]!.send(bytes, this.#target.port, this.#target.address, () => {});
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}
