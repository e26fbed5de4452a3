import { afterAll, beforeAll, expect, it } from 'vitest';
import { at, type Fixture, openFixture } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

it('gives all front ends the same first key, also when they ask at once', async () => {
  const [one, other] = await Promise.all([
    fixture.backEnd.findKeys({ purpose: 'gruu', now: at(0) }),
    fixture.otherBackEnd.findKeys({ purpose: 'gruu', now: at(0) }),
  ]);
  expect(one).toEqual([{ id: 0, secret: expect.any(Buffer), createdAt: at(0) }]);
  expect(one[0]?.secret).toHaveLength(32);
  expect(other).toEqual(one);
});

it('rotates at the given age, keeps the former key until it retires, and counts ids around', async () => {
  const find = (seconds: number) =>
    fixture.backEnd.findKeys({ purpose: 'nonce', rotateAfter: 100, retireAfter: 250, now: at(seconds) });
  const [first] = await find(0);
  expect(await find(99.999)).toEqual([first]);
  const [second, former] = await find(100);
  expect(former).toEqual(first);
  expect(second).toMatchObject({ id: 1, createdAt: at(100) });
  expect(second!.secret.equals(first!.secret)).toBe(false);
  expect((await find(249)).map(({ id }) => id)).toEqual([2, 1, 0]);
  expect((await find(250)).map(({ id }) => id)).toEqual([2, 1]);
  // All are past their time: the newest has a successor, and they go.
  expect((await find(1_000)).map(({ id }) => id)).toEqual([3]);
  for (let id = 4; id <= 256; id++) await find(1_000 + (id - 3) * 100);
  expect((await find(26_300)).map(({ id }) => id)).toEqual([0, 255, 254]);
});
