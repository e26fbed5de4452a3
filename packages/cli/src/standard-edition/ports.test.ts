import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { CommandError } from '../command-error.ts';
import { checkPorts } from './ports.ts';

const host = '127.0.0.1';
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function takenTcp(): Promise<number> {
  const server = createServer().listen({ host, port: 0 });
  closers.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function takenUdp(): Promise<number> {
  const socket = createSocket('udp4');
  closers.push(() => socket.close());
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket.address().port;
}

test('free ports are fine, and are free again afterwards', async () => {
  const settings = { host, sipPort: 0, sipsPort: 0, httpPort: 0 };
  await checkPorts(settings);
  await checkPorts(settings);
});

test.each([
  ['sipPort', '--sip-port', takenTcp],
  ['sipPort', '--sip-port', takenUdp],
  ['sipsPort', '--sips-port', takenTcp],
  ['httpPort', '--http-port', takenTcp],
])('a taken %s is told with its flag %s', async (name, flag, take) => {
  const port = await take();
  const trying = checkPorts({ host, sipPort: 0, sipsPort: 0, httpPort: 0, [name]: port });
  await expect(trying).rejects.toThrow(CommandError);
  await expect(trying).rejects.toThrow(
    `Port ${port} on ${host} is in use: end what uses it, or choose another with ${flag}.`,
  );
});

test('an address of another machine is told with --host', async () => {
  const trying = checkPorts({ host: '192.0.2.1', sipPort: 0, sipsPort: 0, httpPort: 0 });
  await expect(trying).rejects.toThrow('This machine does not have the address 192.0.2.1: choose another with --host');
});
