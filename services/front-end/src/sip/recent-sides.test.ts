import type { RoutedEndpoint } from '@rollcall/back-end';
import { expect, test } from 'vitest';
import { RecentSides } from './recent-sides.ts';

const side = (endpointId: number) => ({
  name: { accountId: 1, endpointId, instanceHash: '' },
  endpoint: { id: endpointId } as RoutedEndpoint,
});

test('a side is known by its token, with the Call-ID that it was kept with, for five seconds', () => {
  let now = 1000;
  const sides = new RecentSides(() => now);
  sides.keep('dlg.a', 'call 1', side(1));
  expect(sides.get('dlg.a', 'call 1')).toMatchObject(side(1));
  for (const [token, callId] of [
    ['dlg.a', 'call 2'],
    ['dlg.b', 'call 1'],
    ['dlg.acall ', '1'],
    ['', ''],
  ] as const)
    expect(sides.get(token, callId)).toBeUndefined();
  now += 4999;
  expect(sides.get('dlg.a', 'call 1')).toMatchObject(side(1));
  now += 1;
  expect(sides.get('dlg.a', 'call 1')).toBeUndefined();
});

test('one that has lost its connection is forgotten, and the latest place counts', () => {
  const sides = new RecentSides();
  sides.keep('dlg.a', 'call', side(1));
  sides.keep('dlg.a', 'call', side(2));
  expect(sides.get('dlg.a', 'call')?.endpoint.id).toBe(2);
  sides.forget('dlg.a', 'call');
  expect(sides.get('dlg.a', 'call')).toBeUndefined();
});
