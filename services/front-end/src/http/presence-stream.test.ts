import { PassThrough } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { EventStream } from './event-stream.ts';
import { PresenceStream } from './presence-stream.ts';

const resource = (address: string, availability: number) => {
  return { accountId: 1, address, level: 'company', version: 1, state: { availability } };
};

/** What has been told, as `bob@h 3000`. */
function told(text: string): string[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => {
    const { address, availability, from } = JSON.parse(data!);
    return from === undefined ? `${address} ${availability}` : `${from} added`;
  });
}

it('who reads slowly is told the latest alone, and all of it in the end', async () => {
  // Nothing is taken over until it is read.
  const out = new PassThrough({ highWaterMark: 1, readableHighWaterMark: 1 });
  const stream = new PresenceStream();
  stream.notify({ event: 'presence', resources: [resource('bob@h', 3000), resource('carol@h', 3000)] });
  const slow = vi.fn();
  stream.begin(new EventStream(out, slow));
  for (let n = 0; n < 1000; n++)
    stream.notify({ event: 'presence', resources: [resource('bob@h', n % 2 ? 6000 : 15_000)] });
  stream.notify({ event: 'presence', resources: [resource('carol@h', 18_000)] });
  expect(out.writableLength).toBeLessThan(2000);
  let text = '';
  out.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  await expect.poll(() => told(text)).toEqual(['bob@h 3000', 'carol@h 3000', 'bob@h 6000', 'carol@h 18000']);
  expect(slow).not.toHaveBeenCalled();
});

it('a notice is told once', async () => {
  const out = new PassThrough();
  const stream = new PresenceStream();
  stream.begin(new EventStream(out, () => {}));
  const notice = (id: number, user: string) => ({ id, user, domain: 'h', occurredAt: new Date(0) });
  stream.notice([notice(1, 'bob')]);
  stream.notice([notice(1, 'bob'), notice(2, 'carol')]);
  let text = '';
  out.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  await expect.poll(() => told(text)).toEqual(['bob@h added', 'carol@h added']);
});
