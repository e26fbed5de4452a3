import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createLog } from './log.ts';
import { type Opened, runUntilStopped } from './shutdown.ts';

function setup() {
  const events: string[] = [];
  const source = new EventEmitter();
  const exit = vi.fn();
  const log = createLog({ level: 'silent' });
  const run = (start: (opened: Opened) => Promise<void>, deadline = 5_000) =>
    runUntilStopped({ log, deadline, exit, process: source }, start);
  const opens = (opened: Opened, name: string) => opened.add(name, () => events.push(`${name} closed`));
  return { events, source, exit, run, opens };
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  '%s closes in reverse order of opening and ends with status 0',
  async (signal) => {
    const { events, source, run, opens } = setup();
    const status = run(async (opened) => {
      opens(opened, 'database');
      opens(opened, 'front end');
    });
    await sleep(1);
    source.emit(signal, signal);
    expect(await status).toBe(0);
    expect(events).toEqual(['front end closed', 'database closed']);
    expect(source.eventNames()).toEqual([]);
  },
);

test('a start that fails closes what it had opened, and its error comes out', async () => {
  const { events, run, opens } = setup();
  const failing = run(async (opened) => {
    opens(opened, 'database');
    throw new Error('port 5060 is taken');
  });
  await expect(failing).rejects.toThrow('port 5060 is taken');
  expect(events).toEqual(['database closed']);
});

test('a signal during the start closes what is open when that is known', async () => {
  const { events, source, run, opens } = setup();
  const status = run(async (opened) => {
    source.emit('SIGTERM', 'SIGTERM');
    opens(opened, 'database');
    events.push('never reached');
  });
  expect(await status).toBe(0);
  expect(events).toEqual(['database closed']);
});

test('the echo of one Ctrl-C is not a second signal; a later one ends at once', async () => {
  const { source, exit, run } = setup();
  const closing = Promise.withResolvers<void>();
  const status = run(async (opened) => opened.add('slow', () => closing.promise));
  await sleep(1);
  source.emit('SIGINT', 'SIGINT');
  source.emit('SIGINT', 'SIGINT');
  expect(exit).not.toHaveBeenCalled();
  await sleep(600);
  source.emit('SIGINT', 'SIGINT');
  expect(exit).toHaveBeenCalledWith(1);
  closing.resolve();
  expect(await status).toBe(0);
});

test('past the deadline the process ends with status 1', async () => {
  const { source, exit, run } = setup();
  const closing = Promise.withResolvers<void>();
  const status = run(async (opened) => opened.add('stuck', () => closing.promise), 20);
  await sleep(1);
  source.emit('SIGTERM', 'SIGTERM');
  await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(1));
  closing.resolve();
  await status;
});

test.each(['uncaughtException', 'unhandledRejection'])('%s closes everything and ends with status 1', async (event) => {
  const { events, source, run, opens } = setup();
  const status = run(async (opened) => opens(opened, 'database'));
  await sleep(1);
  source.emit(event, new Error('a bug'));
  expect(await status).toBe(1);
  expect(events).toEqual(['database closed']);
});

test('one closer that fails does not keep the others open', async () => {
  const { events, source, run, opens } = setup();
  const status = run(async (opened) => {
    opens(opened, 'database');
    opened.add('broken', () => Promise.reject(new Error('cannot close')));
  });
  await sleep(1);
  source.emit('SIGTERM', 'SIGTERM');
  await status;
  expect(events).toEqual(['database closed']);
});

test('what dies later stops the rest with status 1', async () => {
  const { events, run, opens } = setup();
  const status = run(async (opened) => {
    opens(opened, 'database');
    setTimeout(() => opened.fail(new Error('the database died')), 1);
  });
  expect(await status).toBe(1);
  expect(events).toEqual(['database closed']);
});
