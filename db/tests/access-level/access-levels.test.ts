import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

it('levels see what they are known to see, the least first', async () => {
  const levels = await fixture.backEnd.listAccessLevels();
  expect(levels.map(({ level }) => level)).toEqual(['blocked', 'public', 'company', 'team', 'personal']);
  const [blocked, , company] = levels;
  expect(Object.values(blocked!).filter((shown) => shown === true)).toEqual([]);
  expect(company).toEqual({
    ...{ level: 'company', activity: true, note: true, calendar: false, phone: false, location: false },
    ...{ device: true, services: true, person: true },
  });
});

it('a level shows more or less, and the presence of whoever is watched is made anew', async () => {
  const { backEnd, database } = fixture;
  const [watched, alone] = [await fixture.addAccount('watched'), await fixture.addAccount('alone')];
  await database.query(`
    insert into data.event_state (account_id, event, level, version, changed_at)
    values (${watched.accountId}, 'presence', 'company', 1, now()), (${alone.accountId}, 'reg', '', 1, now())`);
  const due = () => database.query('select account_id::int, check_at <= now() as due from data.presence_check');
  expect(await backEnd.setAccessLevel({ level: 'public', note: true, person: false })).toBe('set');
  expect((await backEnd.listAccessLevels())[1]).toMatchObject({ level: 'public', note: true, activity: false });
  expect(await due()).toEqual([{ account_id: watched.accountId, due: true }]);
  expect(await backEnd.setAccessLevel({ level: 'public', note: true })).toBe('unchanged');
});

it('blocked sees nothing, always', async () => {
  expect(await fixture.backEnd.setAccessLevel({ level: 'blocked', note: true })).toBe('level_unknown');
});
