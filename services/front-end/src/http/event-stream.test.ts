import { Writable } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { EventStream, STREAM_BUFFER } from './event-stream.ts';
import type { ShownMessage } from './waiting-messages.ts';

const EVENT = { id: 7, event: 'removed', reason: 'quota', occurredAt: new Date('2027-03-01T12:00:00Z') } as const;

test('a client that reads gets one block an event', () => {
  let written = '';
  const out = new Writable({
    write(chunk, _encoding, done) {
      written += chunk;
      done();
    },
  });
  const stream = new EventStream(out, () => {});
  stream.send(EVENT, 'web');
  stream.heartbeat();
  expect(written).toBe(
    'retry: 2000\n\nid: 7\nevent: removed\ndata: {"instance":"web","reason":"quota","at":"2027-03-01T12:00:00.000Z"}\n\n:\n\n',
  );
});

test('a client that reads nothing is let go when 64 KB wait for it, once', () => {
  let slow = 0;
  const out = new Writable({ write() {} });
  const stream = new EventStream(out, () => {
    slow += 1;
  });
  let sent = 0;
  while (!out.destroyed) {
    stream.send(EVENT, 'x'.repeat(1000));
    sent += 1;
  }
  expect(sent).toBeLessThanOrEqual(STREAM_BUFFER / 1000 + 1);
  stream.send(EVENT, 'web');
  stream.heartbeat();
  expect(slow).toBe(1);
});

const MESSAGE = { id: 9, body: 'x'.repeat(90_000) } as unknown as ShownMessage;

test('a message longer than what may wait goes out, and the next one when the client has read it', async () => {
  const read: (() => void)[] = [];
  const out = new Writable({ write: (_chunk, _encoding, done) => void read.push(done) });
  const stream = new EventStream(out, () => {});
  const sent = stream.sendMessage(MESSAGE);
  stream.heartbeat();
  expect(out.destroyed).toBe(false);
  while (read.length > 0) {
    read.shift()!();
    await new Promise(setImmediate);
  }
  expect(await sent).toBe(true);
});

test('a client that reads nothing of a message is let go after a minute', async () => {
  vi.useFakeTimers();
  let slow = 0;
  const out = new Writable({ write() {} });
  const sent = new EventStream(out, () => {
    slow += 1;
  }).sendMessage(MESSAGE);
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  expect([await sent, slow, out.destroyed]).toEqual([false, 1, true]);
});
