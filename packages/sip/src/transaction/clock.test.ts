import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('runs what is due, not before its time, and not what was cancelled', async () => {
  const ran: string[] = [];
  const start = systemClock.now();
  const cancel = systemClock.after(5, () => ran.push('cancelled'));
  cancel();
  await new Promise<void>((resolve) => void systemClock.after(20, resolve));
  // Timers of Node may be a millisecond early.
  expect(systemClock.now() - start).toBeGreaterThanOrEqual(18);
  expect(ran).toEqual([]);
});

test('what has arrived during a hold-up is read before timers that came due in it, and may cancel them', async () => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const events: string[] = [];
  const cancel = systemClock.after(10, () => events.push('sent again'));
  socket.once('message', () => {
    events.push('answered');
    cancel();
  });
  await new Promise<void>((resolve) => socket.send('200', socket.address().port, '127.0.0.1', () => resolve()));
  const until = performance.now() + 50;
  while (performance.now() < until);
  await new Promise<void>((resolve) => void systemClock.after(20, resolve));
  socket.close();
  expect(events).toEqual(['answered']);
});
