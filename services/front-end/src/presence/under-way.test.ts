import type { Notification } from '@rollcall/back-end';
import { expect, test } from 'vitest';
import { UnderWay } from './under-way.ts';

/** Of watcher 1, about account 10, or its list. */
function notification(subscriptionId: number, isList = false): Notification {
  return { accountId: 1, subscriptionId, isList, resources: [{ accountId: 10 }] } as unknown as Notification;
}

test('what was heard before a notification was taken is in it; what was heard after that is not', () => {
  const underWay = new UnderWay();
  underWay.hear([10]);
  underWay.begin(notification(7), underWay.heard, 0);
  underWay.begin(notification(8), underWay.heard, 0);
  expect(underWay.ids()).toEqual([7, 8]);
  expect(underWay.end(7)).toBe(false);
  underWay.hear([10]);
  expect(underWay.end(8)).toBe(true);
  expect(underWay.size).toBe(0);
});

test('what was heard while it was taken may not be in it', () => {
  const underWay = new UnderWay();
  underWay.begin(notification(6), underWay.heard, 0);
  const { heard } = underWay;
  underWay.hear([10]);
  underWay.begin(notification(7), heard, 0);
  expect(underWay.end(7)).toBe(true);
});

test.each([
  { heard: [11], isList: false, again: false },
  { heard: [1], isList: false, again: true },
  { heard: [11], isList: true, again: true },
  { heard: undefined, isList: false, again: true },
])('a change of $heard concerns a list ($isList) of account 1 about account 10: $again', ({ heard, isList, again }) => {
  const underWay = new UnderWay();
  underWay.begin(notification(7, isList), underWay.heard, 0);
  underWay.hear(heard);
  expect(underWay.end(7)).toBe(again);
});

test('one that is refreshed meanwhile is looked at again', () => {
  const underWay = new UnderWay();
  underWay.begin(notification(7), underWay.heard, 0);
  underWay.hearOfSubscription(7);
  expect(underWay.end(7)).toBe(true);
  expect(underWay.end(7)).toBe(false);
});

test('who is silent for 2 s is waited for, and keeps nobody else waiting', () => {
  const underWay = new UnderWay();
  underWay.begin(notification(7), underWay.heard, 0);
  underWay.begin(notification(8), underWay.heard, 1000);
  expect(underWay.awaited(1999)).toBe(2);
  expect(underWay.awaited(2000)).toBe(1);
  expect(underWay.size).toBe(2);
  expect(underWay.ids()).toEqual([7, 8]);
  underWay.hear([10]);
  expect(underWay.end(7)).toBe(true);
  expect(underWay.awaited(3000)).toBe(0);
  expect(underWay.end(8)).toBe(true);
  expect(underWay.size).toBe(0);
});

test('what is heard of very many accounts is taken for something of all, in bounded memory', () => {
  const underWay = new UnderWay();
  underWay.begin(notification(7), underWay.heard, 0);
  underWay.hear(Array.from({ length: 10_001 }, (_, index) => 100 + index));
  expect(underWay.end(7)).toBe(true);
});
