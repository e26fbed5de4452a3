import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { listenStream, listenUdp } from '@rollcall/sip';
import { afterEach, expect, it } from 'vitest';
import { listenOnOneNumber } from './listeners.ts';

const HOST = '127.0.0.1';
const on = { message() {}, broken() {} };

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Somebody else's socket, on a number that is free on TCP. */
async function takeUdp(): Promise<number> {
  const socket = createSocket('udp4').bind(0, HOST);
  await once(socket, 'listening');
  open.push(() => new Promise<void>((closed) => socket.close(closed)));
  const { port } = socket.address();
  return (await isFree(port)) ? port : takeUdp();
}

/** Listens for TCP where `choose` says instead of where the kernel would, the first times that any number is asked for. */
function listening(...chosen: number[]) {
  const asked: number[] = [];
  return {
    asked,
    tcp: (port: number) => {
      asked.push(port);
      return listenStream({ host: HOST, port: chosen.shift() ?? port, on });
    },
    udp: (port: number) => listenUdp({ host: HOST, port, on }),
  };
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, HOST);
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  await new Promise((closed) => server.close(closed));
  return free;
}

it('a front end on any port takes another number when UDP has the one of TCP taken', async () => {
  const taken = [await takeUdp(), await takeUdp()];
  const listen = listening(...taken);
  const { tcp, udp } = await listenOnOneNumber(0, listen);
  open.push(() => Promise.all([tcp.close(), udp.close()]));
  expect(udp.address.port).toBe(tcp.address.port);
  expect(taken).not.toContain(udp.address.port);
  expect(listen.asked).toEqual([0, 0, 0]);
  for (const port of taken) expect(await isFree(port), `TCP ${port} was let go of`).toBe(true);
});

it('it gives up when no number is free, and holds none', async () => {
  const taken = await takeUdp();
  const listen = listening(...new Array<number>(10).fill(taken));
  await expect(listenOnOneNumber(0, listen)).rejects.toMatchObject({ code: 'EADDRINUSE', port: taken });
  expect(listen.asked).toHaveLength(10);
  expect(await isFree(taken)).toBe(true);
});

it('one that was told its port does not look for another', async () => {
  const taken = await takeUdp();
  const listen = listening();
  await expect(listenOnOneNumber(taken, listen)).rejects.toMatchObject({ code: 'EADDRINUSE', port: taken });
  expect(listen.asked).toEqual([taken]);
});
