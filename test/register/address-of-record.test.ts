import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

describe('whose binding it is, RFC 3261 §10.3 step 5', () => {
  it.each([
    { what: 'an escaped letter', to: (user: string) => `<sip:%75${user.slice(1)}@${DOMAIN}>` },
    { what: 'a domain in capitals', to: (user: string) => `<sip:${user}@EXAMPLE.ORG>` },
    { what: 'a sips URI', to: (user: string) => `<sips:${user}@${DOMAIN}>` },
    { what: 'a port and parameters', to: (user: string) => `<sip:${user}@${DOMAIN}:5060;transport=udp;user=phone>` },
    { what: 'a name', to: (user: string) => `"User, One" <sip:${user}@${DOMAIN}>` },
    { what: 'no brackets', to: (user: string) => `sip:${user}@${DOMAIN}` },
    { what: 'a tag', to: (user: string) => `<sip:${user}@${DOMAIN}>;tag=stale-dialog` },
    { what: 'a password', to: (user: string) => `<sip:${user}:pw@${DOMAIN}>` },
  ])('$what in the To means the same account', async ({ to }) => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact()], to: to(alice.account.user) });
    expect(answer.status).toBe(200);
    expect((await alice.register()).contacts).toHaveLength(1);
  });

  it('a To tag comes back as it is, and no second one is added', async () => {
    const alice = await pool.client();
    const to = `<${alice.addressOfRecord}>;tag=stale-dialog`;
    expect((await alice.register({ contacts: [alice.contact()], to })).header('To')).toBe(to);
  });

  it("the server's own address and port mean its domain: load tools and simple phones write that", async () => {
    const alice = await pool.client();
    const address = `sip:${alice.account.user}@${pool.frontEnd.addresses.udp}`;
    const answer = await alice.register({
      uri: `sip:${pool.frontEnd.addresses.udp}`,
      to: `<${address}>`,
      from: `<${address}>;tag=1`,
      contacts: [alice.contact()],
    });
    expect(answer.status).toBe(200);
    expect((await alice.register()).contacts).toHaveLength(1);
  });

  it('the user part is case-sensitive', async () => {
    const alice = await pool.client();
    const to = `<sip:${alice.account.user.toUpperCase()}@${DOMAIN}>`;
    // Credentials of user1 do not open USER1.
    expect((await alice.register({ contacts: [alice.contact()], to })).status).toBe(403);
  });

  it('a user name beyond ASCII registers, as UTF-8 or escaped', async () => {
    const account = await pool.addAccount('王小明', 'pässword');
    const wang = await pool.client({ account });
    const escaped = `<sip:${encodeURIComponent(account.user)}@${DOMAIN}>`;
    expect((await wang.register({ contacts: [wang.contact()], to: escaped, from: `${escaped};tag=1` })).status).toBe(
      200,
    );
    expect((await wang.register({ contacts: [] })).contacts).toHaveLength(1);
  });
});

describe('a domain that the pool does not serve', () => {
  it('in the Request-URI or in the To is answered 404', async () => {
    const alice = await pool.client();
    expect((await alice.exchange({ uri: 'sip:elsewhere.example' })).status).toBe(404);
    expect((await alice.exchange({ to: `<sip:${alice.account.user}@elsewhere.example>` })).status).toBe(404);
  });

  it('is served a moment after it was added', async () => {
    await pool.backEnd.createDomain('new.example');
    const alice = await pool.client();
    const status = async () => (await alice.exchange({ uri: 'sip:new.example', to: '<sip:a@new.example>' })).status;
    await expect.poll(status, { timeout: 5000, interval: 200 }).toBe(401);
  });
});

describe('who may register for whom', () => {
  it('an assistant may not register for alice, whoever the From says is asking', async () => {
    const [alice, assistant] = [await pool.client(), await pool.client()];
    const forAlice = { to: `<${alice.addressOfRecord}>`, contacts: [assistant.contact()] };
    expect((await assistant.register(forAlice)).status).toBe(403);
    expect((await assistant.register({ ...forAlice, from: `<${alice.addressOfRecord}>;tag=1` })).status).toBe(403);
    expect((await alice.register()).contacts).toEqual([]);
  });

  it("with alice's own password the From does not matter", async () => {
    const alice = await pool.client();
    const from = `<sip:assistant@${DOMAIN}>;tag=1`;
    expect((await alice.register({ from, contacts: [alice.contact()] })).status).toBe(200);
  });
});

describe('a To that names nobody', () => {
  it.each([
    { what: 'no user', to: `<sip:${DOMAIN}>`, status: 404 },
    { what: 'another scheme', to: '<tel:+4930123456>', status: 400 },
    { what: 'a malformed escape', to: `<sip:%zz@${DOMAIN}>`, status: 400 },
    { what: 'a NUL', to: `<sip:a%00b@${DOMAIN}>`, status: 401 },
    { what: 'a user of 3,000 characters', to: `<sip:${'x'.repeat(3000)}@${DOMAIN}>`, status: 401 },
  ])('$what: $status', async ({ to, status }) => {
    const alice = await pool.client();
    expect((await alice.exchange({ to })).status).toBe(status);
  });

  it('not even with credentials that name nobody either', async () => {
    for (const user of ['a\0b', 'x'.repeat(2500), 'é\u0301']) {
      const nobody = await pool.client({ account: { user, domain: DOMAIN, password: 'any' } });
      const to = `<sip:${encodeURIComponent(user)}@${DOMAIN}>`;
      expect([400, 401]).toContain((await nobody.register({ to, from: `${to};tag=1` })).status);
    }
  });
});
