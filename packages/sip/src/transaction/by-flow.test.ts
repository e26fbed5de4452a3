import { expect, test } from 'vitest';
import { ByFlow, type OnFlow } from './by-flow.ts';
import { TestFlow } from './test-bed.ts';

class Hanging implements OnFlow {
  newer: this | undefined = undefined;
  older: this | undefined = undefined;
  readonly flow: TestFlow;

  constructor(flow: TestFlow) {
    this.flow = flow;
  }
}

test('transactions are found on their connection, oldest first, until they are removed in any order', () => {
  const [here, elsewhere] = [new TestFlow('TCP'), new TestFlow('TCP', 'elsewhere')];
  const [first, second, third] = [new Hanging(here), new Hanging(here), new Hanging(here)] as const;
  const other = new Hanging(elsewhere);
  const byFlow = new ByFlow<Hanging>();
  for (const transaction of [first, other, second, third]) byFlow.add(transaction);
  expect(byFlow.on(here)).toEqual([first, second, third]);
  byFlow.remove(second);
  byFlow.remove(second);
  expect(byFlow.on(here)).toEqual([first, third]);
  byFlow.remove(third);
  expect(byFlow.on(here)).toEqual([first]);
  byFlow.remove(first);
  expect([byFlow.has(here), byFlow.has(elsewhere)]).toEqual([false, true]);
  byFlow.add(second);
  expect([byFlow.on(here), byFlow.on(elsewhere)]).toEqual([[second], [other]]);
});

test('what is taken off a connection that is gone may still be removed, once', () => {
  const flow = new TestFlow('TCP');
  const byFlow = new ByFlow<Hanging>();
  const [first, second] = [new Hanging(flow), new Hanging(flow)] as const;
  byFlow.add(first);
  byFlow.add(second);
  expect(byFlow.take(flow)).toEqual([first, second]);
  const late = new Hanging(flow);
  byFlow.add(late);
  byFlow.remove(first);
  byFlow.remove(second);
  expect(byFlow.on(flow)).toEqual([late]);
});

test('flows of UDP are not tracked: they never close', () => {
  const byFlow = new ByFlow<Hanging>();
  const flow = new TestFlow('UDP');
  byFlow.add(new Hanging(flow));
  expect(byFlow.on(flow)).toEqual([]);
});
