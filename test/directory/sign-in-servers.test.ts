import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { ha1 } from '@rollcall/sip';
import { startOpenLdap, type TestDirectory } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN } from './pool-database.ts';
import { type SigningIn, startSigningIn } from './signing-in.ts';

let directory: TestDirectory;
let bed: SigningIn;
/** Takes connections and says nothing. */
let silent: Server;
let silentUrl: string;
beforeAll(async () => {
  directory = await startOpenLdap({ users: 30 });
  silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  silentUrl = `ldap://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  bed = await startSigningIn(directory);
}, 60_000);
afterAll(async () => {
  await bed?.stop();
  silent?.close();
  await directory?.stop();
});

describe('servers', () => {
  it('one that hangs or is away is passed over; the next one is asked', async () => {
    for (const first of [silentUrl, 'ldap://127.0.0.1:1']) {
      const frontEnd = await bed.pool.addFrontEnd({ directoryUrl: [first, directory.url], directoryTimeout: 1 });
      expect((await bed.signIn(bed.somebody(), directory.password, frontEnd)).status).toBe(201);
    }
  });

  it('none that answers: 503 and when to come back, for everybody who has no password here; never 401', async () => {
    const { pool } = bed;
    for (const url of [silentUrl, 'ldap://127.0.0.1:1']) {
      const frontEnd = await pool.addFrontEnd({ directoryUrl: [url], directoryTimeout: 1 });
      for (const user of [bed.somebody(), 'nobody-at-all']) {
        const away = await bed.signIn(user, directory.password, frontEnd);
        expect(away).toMatchObject({ status: 503, body: { type: 'urn:rollcall:problem:unavailable' } });
        expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      // Who has one is let in.
      const ours = { user: `ours-${new URL(url).port}`, domain: DOMAIN };
      await pool.backEnd.addAccount({ ...ours, ha1: { MD5: ha1('MD5', ours.user, DOMAIN, 'ours') } });
      expect((await bed.signIn(ours.user, 'ours', frontEnd)).status).toBe(201);
    }
  });

  it('StartTLS and LDAPS are verified with the authority that was given', async () => {
    for (const settings of [
      { directoryUrl: [directory.url], directoryStartTls: true },
      { directoryUrl: [directory.secureUrl] },
    ]) {
      const user = bed.somebody();
      const trusting = await bed.pool.addFrontEnd(settings);
      expect((await bed.signIn(user, directory.password, trusting)).status).toBe(201);
      const frontEnd = await bed.pool.addFrontEnd({ ...settings, directoryCa: undefined });
      expect((await bed.signIn(user, directory.password, frontEnd)).status).toBe(503);
    }
    expect(bed.pool.log()).toContain('"code":"certificate"');
  });
});
