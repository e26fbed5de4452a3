import { expect, test } from 'vitest';
import { ByFlow } from './by-flow.ts';
import { TestFlow } from './test-bed.ts';

test('transactions are found on their connection until they are removed', () => {
  const [here, elsewhere] = [new TestFlow('TCP'), new TestFlow('TCP', 'elsewhere')];
  const transactions = [{ flow: here }, { flow: here }, { flow: elsewhere }] as const;
  const byFlow = new ByFlow<{ flow: TestFlow }>();
  for (const transaction of transactions) byFlow.add(transaction);
  expect(byFlow.on(here)).toEqual([transactions[0], transactions[1]]);
  byFlow.remove(transactions[0]);
  byFlow.remove(transactions[0]);
  expect(byFlow.on(here)).toEqual([transactions[1]]);
  byFlow.remove(transactions[1]);
  expect([byFlow.on(here), byFlow.on(elsewhere)]).toEqual([[], [transactions[2]]]);
});

test('flows of UDP are not tracked: they never close', () => {
  const byFlow = new ByFlow<{ flow: TestFlow }>();
  const flow = new TestFlow('UDP');
  byFlow.add({ flow });
  expect(byFlow.on(flow)).toEqual([]);
});
