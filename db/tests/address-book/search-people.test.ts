import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, type Fixture, openFixture } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
  const r = await fixture.backEnd.lockDirectory({ holder: 'x' });
  if (!r.locked) throw new Error();
  await r.beginDirectoryRun({ full: true });
  await r.stageDirectoryChanges([{ kind: 'person', groups: [], person: { id: '00000000-0000-4000-8000-000000000001', dn: 'uid=a', signInName: 'uid=a', user: 'anna', domain: DOMAIN, enabled: true, role: 'user', hidden: false, displayName: 'Anna Müller', phones: [] } }]);
  console.log(await r.applyDirectoryChanges({ full: true, cookie: Buffer.from('x'), disableLimitPercent: 10 }));
  await r.release();
  console.log(await fixture.database.query('select * from data.person'), await fixture.database.query('select * from data.directory_entry'));
});
afterAll(() => fixture.close());
it('x', async () => {
  console.log(await fixture.backEnd.searchPeople({ readerId: 1, query: 'mul', limit: 10 }));
  console.log(await fixture.backEnd.listPeople({ readerId: 1, limit: 10 }));
});
