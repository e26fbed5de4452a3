import { createRequest } from '@rollcall/sip';
import { expect, test } from 'vitest';
import { accepts, requestedEvent } from './event-packages.ts';

const request = (...headers: [string, string][]) =>
  createRequest({ method: 'SUBSCRIBE', uri: 'sip:alice@example.org', headers });

test.each([
  [[], undefined],
  [[['Event', 'presence']], { name: 'presence' }],
  [[['o', 'dialog; id=7']], { name: 'dialog', id: '7' }],
  [[['Event', 'presence.winfo;x=1;ID=a;y']], { name: 'presence.winfo', id: 'a' }],
  [[['Event', 'presence;min-interval=60']], { name: 'presence', minInterval: 60_000 }],
  [[['Event', 'presence;max-rate=0.3']], { name: 'presence', minInterval: 3334 }],
  [[['Event', 'presence;Max-Rate = 2 ; id=a;min-interval=0.1']], { name: 'presence', id: 'a', minInterval: 500 }],
  [[['Event', 'presence;max-rate=0']], { name: 'presence', minInterval: 86_400_000 }],
  [[['Event', 'presence;min-interval=999999999']], { name: 'presence', minInterval: 86_400_000 }],
  [[['Event', 'presence;min-interval=0;max-rate=often;max-rate=1e3']], { name: 'presence' }],
] as [[string, string][], unknown][])('the event of %j is %j', (headers, event) => {
  expect(requestedEvent(request(...headers))).toEqual(event);
});

test.each(['', ';id=1', 'two words', 'a;id="x"'])('the event %j is malformed', (event) => {
  expect(() => requestedEvent(request(['Event', event]))).toThrow('Malformed Event');
});

test.each([
  [[], true],
  [[['Accept', 'application/pidf+xml;q=0.5, text/plain']], true],
  [
    [
      ['Accept', 'text/plain'],
      ['Accept', '*/*'],
    ],
    true,
  ],
  [[['Accept', 'Application/*']], true],
  [[['Accept', 'application/xpidf+xml']], false],
  [[['Accept', '']], false],
] as [[string, string][], boolean][])('a watcher that says %j takes PIDF: %j', (headers, taken) => {
  expect(accepts(request(...headers), ['application/pidf+xml'])).toBe(taken);
});
