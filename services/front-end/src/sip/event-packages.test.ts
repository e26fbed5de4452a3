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
