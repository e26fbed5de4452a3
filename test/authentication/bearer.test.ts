import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipClient } from '@rollcall/test-kit';
import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, signIn } from '../http/http-client.ts';
import { AUDIENCE, type OidcProvider, startOidcProvider } from './oidc-provider.ts';

let pool: FrontEndPool;
let provider: OidcProvider;
/** Trusts the provider, and says so to everybody. */
let trusting: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool();
  provider = await startOidcProvider();
  trusting = await pool.addFrontEnd({ bearer: true, oidcIssuer: provider.issuer, oidcAudience: AUDIENCE });
});
afterAll(async () => {
  await pool.stop();
  await provider.stop();
});

/** A REGISTER with an access token. */
const register = (client: SipClient, token: string) =>
  client.exchange({ contacts: [client.contact()], headers: [['Authorization', `Bearer ${token}`]] });

const challenges = (answer: { text: string }) => answer.text.match(/^WWW-Authenticate: .*$/gim) ?? [];

let users = 0;
async function newcomer(frontEnd = pool.frontEnd, transport: 'UDP' | 'TCP' = 'UDP') {
  const account = await pool.addAccount(`user-${++users}`);
  const client = await pool.client({ account, frontEnd, transport });
  return { account, client, address: `${account.user}@example.org` };
}

describe('a SIP client with an access token of ours', () => {
  it('registers without a challenge, through a front end that made no token', async () => {
    const { account, client } = await newcomer(trusting);
    const { accessToken } = await signIn(pool.frontEnd, account);
    expect((await register(client, accessToken)).status).toBe(200);
    expect((await register(client, accessToken)).status).toBe(200);
  });

  it('registers itself and nobody else', async () => {
    const [alice, bob] = [await newcomer(), await newcomer()];
    const { accessToken } = await signIn(pool.frontEnd, alice.account);
    expect((await register(bob.client, accessToken)).status).toBe(403);
  });

  it('is refused after signing out, and after the password changed', async () => {
    for (const change of [
      (_: unknown, token: string) => call(pool.frontEnd, 'DELETE /v1/sessions/current', { token }),
      (account: Awaited<ReturnType<typeof newcomer>>['account']) => pool.setPassword(account, 'another'),
    ]) {
      const { account, client } = await newcomer();
      const { accessToken } = await signIn(pool.frontEnd, account);
      expect((await register(client, accessToken)).status).toBe(200);
      await change(account, accessToken);
      expect((await register(client, accessToken)).status).toBe(401);
    }
  });

  it('is told that a token is not valid, beside the other ways', async () => {
    const { client } = await newcomer();
    const before = await pool.metric('rollcall_authentications_total{outcome="failed"}');
    const unsigned = new UnsecuredJWT({ iss: 'rollcall', sub: '1' }).encode();
    for (const token of ['x', 'a.b.c', unsigned]) {
      const answer = await register(client, token);
      expect(answer.status).toBe(401);
      expect(challenges(answer)).toEqual([
        expect.stringContaining('Digest'),
        'WWW-Authenticate: Bearer realm="example.org", scope="sip", error="invalid_token"',
      ]);
    }
    expect((await pool.metric('rollcall_authentications_total{outcome="failed"}')) - before).toBe(3);
  });

  it('proves itself with each request: a connection is not trusted longer than its token', async () => {
    const { account, client } = await newcomer(pool.frontEnd, 'TCP');
    const { accessToken } = await signIn(pool.frontEnd, account);
    expect((await register(client, accessToken)).status).toBe(200);
    expect((await client.exchange({ contacts: [client.contact()] })).status).toBe(401);
    expect((await register(client, accessToken)).status).toBe(200);
  });
});

describe('the challenge', () => {
  it('names tokens only with --bearer, and the provider where there is one', async () => {
    const { client } = await newcomer();
    expect(challenges(await client.exchange({}))).toEqual([expect.stringContaining('Digest')]);
    const other = await newcomer(trusting);
    expect(challenges(await other.client.exchange({}))).toEqual([
      expect.stringContaining('Digest'),
      `WWW-Authenticate: Bearer realm="example.org", scope="sip", authz_server="${provider.issuer}"`,
    ]);
  });
});

describe('a SIP client with a token of the OpenID Connect provider', () => {
  it('registers the account that the token names', async () => {
    const { client, address } = await newcomer(trusting);
    expect((await register(client, await provider.sign({ email: address, email_verified: true }))).status).toBe(200);
    const someone = await newcomer(trusting);
    expect((await register(someone.client, await provider.sign({ email: address }))).status).toBe(403);
  });

  it('goes on after the provider has changed its key', async () => {
    const { client, address } = await newcomer(trusting);
    const rotating = await startOidcProvider();
    const frontEnd = await pool.addFrontEnd({ oidcIssuer: rotating.issuer, oidcAudience: AUDIENCE });
    const there = await pool.client({ account: client.account, frontEnd });
    expect((await register(there, await rotating.sign({ email: address }))).status).toBe(200);
    const former = await rotating.sign({ email: address });
    await rotating.rotate();
    const status = async () => (await register(there, await rotating.sign({ email: address }))).status;
    await expect.poll(status, { timeout: 8000, interval: 500 }).toBe(200);
    expect((await register(there, former)).status).toBe(401);
    await rotating.stop();
  });

  it('is refused when the token is of another audience, expired, unverified, unsigned, or names no account here', async () => {
    const { client, address, account } = await newcomer(trusting);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: provider.issuer, aud: AUDIENCE, email: address, exp: now + 60 };
    for (const token of [
      await provider.sign({ email: address, aud: 'somebody else' }),
      await provider.sign({ email: address, exp: now - 60 }),
      await provider.sign({ email: address, email_verified: false }),
      await provider.sign({ email: 'nobody@example.org' }),
      await provider.sign({ email: 'alice@elsewhere.org' }),
      await provider.sign({ sub: address }),
      new UnsecuredJWT(claims).encode(),
    ]) {
      expect((await register(client, token)).status).toBe(401);
    }
    // Where nobody trusts the provider, a good token is none.
    const good = await provider.sign({ email: address });
    expect((await register(await pool.client({ account }), good)).status).toBe(401);
    await pool.backEnd.setAccountEnabled({ user: account.user, domain: 'example.org', enabled: false });
    expect((await register(client, good)).status).toBe(401);
  });

  it('is asked to come back while the provider is away; others are served', async () => {
    const silent = await startOidcProvider();
    silent.hang();
    const frontEnd = await pool.addFrontEnd({ oidcIssuer: silent.issuer, oidcAudience: AUDIENCE });
    const { client, address } = await newcomer(frontEnd, 'TCP');
    const waiting = register(client, await silent.sign({ email: address }));
    const other = await newcomer(frontEnd);
    expect((await other.client.register({ contacts: [other.client.contact()] })).status).toBe(200);
    await silent.stop();
    const answer = await waiting;
    expect(answer.status).toBe(503);
    expect(Number(answer.header('Retry-After'))).toBeGreaterThan(0);
  });
});
