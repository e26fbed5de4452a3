import { SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

describe.each(['TCP', 'TLS'] as const)('a %s connection', (transport) => {
  it('that has authenticated as an account is trusted for it', async () => {
    const alice = await pool.client({ transport });
    expect((await alice.register({ contacts: [alice.contact()] })).status).toBe(200);
    const again = await alice.exchange({ contacts: [alice.contact()] });
    expect(again.status).toBe(200);
    expect(again.contacts).toHaveLength(1);
  });

  it('is not trusted for another account, until that has authenticated as well', async () => {
    const alice = await pool.client({ transport });
    await alice.register({ contacts: [alice.contact()] });
    const bob = new SipClient(alice.connection, await pool.addAccount(`bob-${transport}`));
    expect((await bob.exchange()).status).toBe(401);
    expect((await bob.register()).status).toBe(200);
    expect((await bob.exchange()).status).toBe(200);
    expect((await alice.exchange()).status).toBe(200);
  });

  it('is not trusted after a failed attempt', async () => {
    const alice = await pool.client({ transport });
    const credentials = { mistakes: { response: `"${'0'.repeat(32)}"` } };
    expect((await alice.register({ credentials })).status).toBe(401);
    expect((await alice.exchange()).status).toBe(401);
  });

  it('leaves no trust behind when it closes', async () => {
    const alice = await pool.client({ transport });
    await alice.register({ contacts: [alice.contact()] });
    await alice.close();
    const back = await pool.client({ transport, account: alice.account });
    expect((await back.exchange({ contacts: [back.contact()] })).status).toBe(401);
  });

  it('does not make other connections of the same client trusted', async () => {
    const first = await pool.client({ transport });
    await first.register({ contacts: [first.contact()] });
    const second = await pool.client({ transport, account: first.account });
    expect((await second.exchange()).status).toBe(401);
  });
});

describe('UDP', () => {
  it('has no connection, so every request is challenged', async () => {
    const alice = await pool.client();
    for (let n = 0; n < 3; n++) {
      expect((await alice.exchange({ contacts: [alice.contact()] })).status).toBe(401);
      expect((await alice.register({ contacts: [alice.contact()] })).status).toBe(200);
    }
  });
});
