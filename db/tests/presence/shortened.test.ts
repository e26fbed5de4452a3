/** What is refreshed for a shorter time than before ends then, and watchers are told at that second. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { at, contact, type Fixture, openFixture, request } from '../fixture.ts';
import { publication, publish, see, subscribe, subscription } from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

it('a publication that is refreshed for a shorter time is over at its end', async () => {
  const { backEnd } = fixture;
  const [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  const { etag } = await publish(backEnd, publication(alice, { open: true }, { expires: 3600 }));
  await subscribe(backEnd, subscription(bob, alice));
  const refreshed = await publish(backEnd, publication(alice, undefined, { etag, expires: 60, now: at(10) }));
  expect(refreshed.changed).toBe(false);
  expect(await backEnd.checkPresence({ now: at(69) })).toMatchObject({ changed: [] });
  expect(await backEnd.checkPresence({ now: at(70) })).toMatchObject({ changed: [alice.accountId] });
  expect(await see(backEnd, bob, alice, at(70))).toEqual({ availability: 18_000 });
});

it('a registration too', async () => {
  const { backEnd } = fixture;
  const [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  const register = (cseq: number, expires: number) =>
    backEnd.register(request(alice, { cseq, changes: [contact('phone', { expires })], now: at(cseq) }));
  await register(1, 3600);
  await subscribe(backEnd, subscription(bob, alice));
  await register(2, 60);
  expect(await backEnd.checkPresence({ now: at(61) })).toMatchObject({ changed: [] });
  expect(await backEnd.checkPresence({ now: at(62) })).toMatchObject({ changed: [alice.accountId] });
});
