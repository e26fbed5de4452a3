import { expect, it } from 'vitest';
import { openFixture } from '../fixture.ts';
import { lockOf, person, run } from './directory-fixture.ts';

it('a full run takes nobody for gone who is in a branch that could not be read', async () => {
  const fixture = await openFixture();
  const lock = await lockOf(fixture.backEnd);
  try {
    const names = [
      'uid=a,ou=far,dc=x',
      'uid=b, OU=Very,OU=Far, dc=x',
      'ou=far,dc=x',
      'uid=d,ou=near,dc=x',
      'uid=e,ou=so-far,dc=x',
    ];
    await run(
      lock,
      names.map((dn, index) => person(index + 1, `u${index + 1}`, { dn })),
    );
    const full = { full: true, elsewhere: ['ou=FAR, dc=x'] };
    expect(await run(lock, [], full)).toMatchObject({ counts: { removed: 2, disabled: 2 } });
    const enabled = (await fixture.backEnd.listAccounts()).filter((account) => account.enabled);
    expect(enabled.map(({ user }) => user)).toEqual(['u1', 'u2', 'u3']);
    expect(await run(lock, [], { full: true })).toMatchObject({ counts: { removed: 3 } });
  } finally {
    await lock.release();
    await fixture.close();
  }
});
