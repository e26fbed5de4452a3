import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog, type LogOptions } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void, options: LogOptions = {}): string {
  let text = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  write(createLog({ ...options, destination }));
  return text;
}

test('a line is JSON with a named level and an ISO time', () => {
  const line = JSON.parse(logged((log) => log.info({ callId: 'a@b' }, 'registered')));
  expect(line).toMatchObject({ level: 'info', callId: 'a@b', msg: 'registered' });
  expect(new Date(line.time).toISOString()).toBe(line.time);
});

test('the level holds back what is below it', () => {
  expect(logged((log) => log.debug('quiet'))).toBe('');
  expect(logged((log) => log.debug('heard'), { level: 'debug' })).toContain('heard');
});

test.each([false, true])('no secret of a child, an error or an object reaches the output (pretty: %s)', (pretty) => {
  const text = logged(
    (log) => {
      const child = log.child({ password: 'hunter2' });
      child.error(new Error('cannot connect to postgres://u:hunter2@h/db'));
      child.info({ request: { headers: { authorization: 'hunter2' } } });
    },
    { pretty },
  );
  expect(text).toContain('cannot connect');
  expect(text).not.toContain('hunter2');
});
