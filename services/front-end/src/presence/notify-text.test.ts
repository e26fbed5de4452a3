import type { Notification } from '@rollcall/back-end';
import { parseMessage } from '@rollcall/sip';
import { expect, test } from 'vitest';
import { notifyText, subscriptionState } from './notify-text.ts';

const NOTIFICATION: Notification = {
  ...{ accountId: 1, subscriptionId: 2, watcher: 'bob@example.org', target: 'alice@example.org' },
  ...{
    event: 'presence',
    eventId: 'e1',
    isList: true,
    full: true,
    version: 3,
    cseq: 4,
    expiresIn: 5,
    minInterval: 500,
    resources: [],
  },
  dialog: {
    ...{
      callId: 'c@x',
      localTag: 'l',
      remoteTag: 'r',
      localUri: 'sip:alice@example.org',
      remoteUri: 'sip:bob@example.org',
    },
    ...{ localTarget: 'sip:pool', remoteTarget: 'sip:bob@10.0.0.9:5070' },
    routeSet: ['<sip:p1.example.org;lr>', '<sip:p2.example.org;lr>'],
  },
  place: { frontEndId: 1, transport: 'UDP', flow: 'udp:10.0.0.9:5070', receivedFrom: '10.0.0.9:5070' },
};

test('a NOTIFY is a request of its dialog, with the body as it is', () => {
  const body = { head: 'Content-Type: text/plain\r\n', bytes: Buffer.from('grüße') };
  const via = 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx;rport';
  const state = subscriptionState({ ...NOTIFICATION, expiresIn: 4.2 }, 'timeout');
  const bytes = notifyText(NOTIFICATION, { via, contact: 'sip:10.0.0.1:5060', state, body });
  const message = parseMessage(bytes);
  expect(message).toMatchObject({ kind: 'request', method: 'NOTIFY', uri: 'sip:bob@10.0.0.9:5070' });
  expect(Object.fromEntries(message.headers)).toEqual({
    ...{ Via: via, 'Max-Forwards': '70', Route: '<sip:p2.example.org;lr>', 'Call-ID': 'c@x', CSeq: '4 NOTIFY' },
    ...{ From: '<sip:alice@example.org>;tag=l', To: '<sip:bob@example.org>;tag=r', Contact: '<sip:10.0.0.1:5060>' },
    ...{ Event: 'presence;id=e1', 'Subscription-State': 'active;expires=5', Require: 'eventlist' },
    ...{ 'Content-Type': 'text/plain', 'Content-Length': '7' },
  });
  expect(message.headers.getAll('Route')).toEqual(['<sip:p1.example.org;lr>', '<sip:p2.example.org;lr>']);
  expect(message.body.toString()).toBe('grüße');
});

test('a subscription without time left is terminated', () => {
  expect(subscriptionState({ ...NOTIFICATION, expiresIn: 0 }, 'noresource')).toBe('terminated;reason=noresource');
});

test('how often a watcher is told at most is told to it, when it has asked for less than there would be', () => {
  const every = (minInterval: number, isList = false) =>
    subscriptionState({ expiresIn: 5, isList, minInterval }, 'timeout');
  expect(every(0)).toBe('active;expires=5');
  expect(every(60_000)).toBe('active;expires=5;max-rate=0.0166666667;min-interval=60');
  expect(every(500, true)).toBe('active;expires=5');
  expect(every(2500, true)).toBe('active;expires=5;max-rate=0.4;min-interval=2.5');
});
