import { expect, test } from 'vitest';
import { Due, EVERYTHING, LATELY } from './due.ts';

test('new subscriptions come before accounts, accounts before everything', () => {
  const due = new Due();
  due.add(EVERYTHING);
  due.add({ accountIds: [1, 2] });
  due.add({ accountIds: [2, 3] });
  due.add({ subscriptions: [{ accountId: 1, id: 7 }] });
  expect(due.take()).toEqual({ subscriptions: [{ accountId: 1, id: 7 }] });
  expect(due.take()).toEqual({ accountIds: [1, 2, 3] });
  expect(due.take()).toBe(EVERYTHING);
  expect(due.take()).toBeUndefined();
  expect(due.isEmpty).toBe(true);
});

test('a look at everything is one at what has changed of late too', () => {
  const due = new Due();
  due.add(LATELY);
  due.add(EVERYTHING);
  expect(due.take()).toBe(EVERYTHING);
  expect(due.take()).toBeUndefined();
  due.add(LATELY);
  expect(due.take()).toBe(LATELY);
});

test('one call names 1,000 at most', () => {
  const due = new Due();
  due.add({ accountIds: Array.from({ length: 1500 }, (_, index) => index) });
  const sizes = [due.take(), due.take()].map((look) => (look && 'accountIds' in look ? look.accountIds.length : 0));
  expect(sizes).toEqual([1000, 500]);
});
