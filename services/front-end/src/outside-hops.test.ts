import { expect, it } from 'vitest';
import { UnreachableHops } from './outside-hops.ts';

const hop = (host: string) => ({ transport: 'UDP' as const, host, port: 5060 });
const [first, second, third] = [hop('192.0.2.1'), hop('192.0.2.2'), hop('192.0.2.3')];

it('a server that has not answered is tried last for 30 s, or until it answers', () => {
  let now = 0;
  const unreachable = new UnreachableHops(() => now);
  unreachable.add(first);
  expect(unreachable.last([first, second, third])).toEqual([second, third, first]);
  now = 30_000;
  expect(unreachable.last([first, second])).toEqual([first, second]);
  unreachable.add(first);
  unreachable.remove(first);
  expect(unreachable.last([first, second])).toEqual([first, second]);
});

it('the only server is tried all the same, and so is one of another transport', () => {
  const unreachable = new UnreachableHops(() => 0);
  unreachable.add(first);
  expect(unreachable.last([first])).toEqual([first]);
  const tcp = { ...first, transport: 'TCP' as const };
  expect(unreachable.last([tcp, second])).toEqual([tcp, second]);
});

it('remembers the latest thousand', () => {
  const unreachable = new UnreachableHops(() => 0);
  for (let port = 1; port <= 1001; port++) unreachable.add({ ...first, port });
  const [oldest, next, known] = [1, 2, 3].map((port) => ({ ...first, port })) as [
    typeof first,
    typeof first,
    typeof first,
  ];
  expect(unreachable.last([known, next, oldest])).toEqual([oldest, known, next]);
});
