import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { flagOf } from '@rollcall/process';
import { CommandError } from '../command-error.ts';

export interface PortSettings {
  host: string;
  sipPort: number;
  sipsPort: number;
  httpPort: number;
}

const PORTS = ['sipPort', 'sipsPort', 'httpPort'] as const;

/**
 * Tries every port before anything is made in the data folder.
 *
 * @throws CommandError that names the port and its flag
 */
export async function checkPorts(settings: PortSettings): Promise<void> {
  const { host } = settings;
  for (const name of PORTS) {
    const port = settings[name];
    try {
      await tryTcp(host, port);
      if (name === 'sipPort') await tryUdp(host, port);
    } catch (cause) {
      const sentence = explain((cause as NodeJS.ErrnoException).code, host, port, flagOf(name));
      throw sentence === undefined ? cause : new CommandError(sentence, { cause });
    }
  }
}

function explain(code: string | undefined, host: string, port: number, flag: string): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use: end what uses it, or choose another with ${flag}.`;
    case 'EACCES':
      return `Port ${port} needs privileges: choose one above 1023 with ${flag}.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `This machine does not have the address ${host}: choose another with --host; 0.0.0.0 takes all.`;
    default:
      return undefined;
  }
}

async function tryTcp(host: string, port: number): Promise<void> {
  const server = createServer().listen({ host, port });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

async function tryUdp(host: string, port: number): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.bind({ address: host, port, exclusive: true });
    await once(socket, 'listening');
  } finally {
    socket.close();
  }
}
