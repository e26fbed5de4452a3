import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { EventStream, STREAM_BUFFER } from './event-stream.ts';

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
