import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningFrontEnd } from '@rollcall/front-end';
import { runRollcall, SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type Authority, makeAuthority, type UserCertificate } from './authority.ts';

let folder: string;
let pool: FrontEndPool;
let authority: Authority;
/** Believes the authority; knows what it has revoked. */
let asking: RunningFrontEnd;
let revoked: UserCertificate;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-certificates-'));
  authority = await makeAuthority(join(folder, 'own'));
  revoked = await authority.issue('URI:sip:revoked@example.org');
  await authority.revoke(revoked);
  pool = await startFrontEndPool({ dataFolder: folder });
  asking = await pool.addFrontEnd({ clientCa: authority.ca, clientCrl: authority.crl });
});
afterAll(async () => {
  await pool?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A client over TLS of an account, which has a password too; `certificate` is what it shows. */
async function connect(user: string, certificate: UserCertificate, frontEnd = asking): Promise<SipClient> {
  return pool.client({ account: await pool.addAccount(user), transport: 'TLS', frontEnd, certificate });
}

const register = async (client: SipClient) => (await client.exchange({ contacts: [client.contact()] })).status;

describe('a phone with a certificate of its user', () => {
  it('registers without a password, by a URI or a mail address, whoever it was given to by name', async () => {
    for (const [user, altNames] of [
      ['alice', 'URI:sip:alice@example.org'],
      ['bob', 'email:bob@EXAMPLE.org'],
      ['carol', ['DNS:phone.example.org', 'URI:https://example.org/carol', 'URI:sip:carol@example.org;transport=tls']],
      ["o'brien", "URI:sip:o'brien@example.org"],
    ] as const) {
      const phone = await connect(user, await authority.issue(altNames));
      const answer = await phone.exchange({ contacts: [phone.contact()] });
      expect([answer.status, answer.contacts.length], user).toEqual([200, 1]);
      expect(await register(phone)).toBe(200);
    }
  });

  it('sends with its first request, in its own name alone', async () => {
    const erin = await pool.client({ account: await pool.addAccount('erin') });
    await erin.register({ contacts: [erin.contact()] });
    erin.answerEach(() => ({ status: 200 }));
    const phone = await connect('dan', await authority.issue('URI:sip:dan@example.org'));
    const send = (from: string) =>
      phone.exchange({
        ...{ method: 'MESSAGE', uri: erin.addressOfRecord, to: `<${erin.addressOfRecord}>`, body: 'hi' },
        ...{ from: `<sip:${from}@${DOMAIN}>;tag=1`, headers: [['Content-Type', 'text/plain']] },
      });
    expect((await send('erin')).status).toBe(407);
    expect((await send('dan')).status).toBe(200);
  });

  it('is its account by an alias, and has the alias as well', async () => {
    await pool.addAccount('frank');
    await pool.backEnd.addAlias({
      account: { user: 'frank', domain: DOMAIN },
      alias: { user: 'francis', domain: DOMAIN },
    });
    const phone = await connect('frank', await authority.issue('URI:sip:francis@example.org'));
    const publish = (from: string) =>
      phone.exchange({
        ...{ method: 'PUBLISH', uri: phone.addressOfRecord, expires: 60, headers: [['Event', 'presence']] },
        ...{ from: `<sip:${from}@${DOMAIN}>;tag=1` },
      });
    // RFC 3903 §6 step 4: a body is missing, which only its account is told.
    for (const from of ['frank', 'francis']) expect((await publish(from)).status, from).toBe(400);
    expect(await register(phone)).toBe(200);
  });

  it('is each of the accounts that its certificate names, and no other', async () => {
    const both = await authority.issue(['URI:sip:grace@example.org', 'URI:sip:heidi@example.org']);
    const grace = await connect('grace', both);
    expect(await register(grace)).toBe(200);
    expect(await register(new SipClient(grace.connection, await pool.addAccount('heidi')))).toBe(200);
    expect(await register(new SipClient(grace.connection, await pool.addAccount('ivan')))).toBe(401);
  });

  it('loses its connection when the account is disabled, and comes in no more until it is enabled', async () => {
    const certificate = await authority.issue('URI:sip:judy@example.org');
    const phone = await connect('judy', certificate);
    expect(await register(phone)).toBe(200);
    const judy = { user: 'judy', domain: DOMAIN };
    await runRollcall(['account', 'disable', phone.addressOfRecord, '--database-url', pool.adminUrl]);
    await phone.connection.ended;
    const again = await connect('judy', certificate);
    expect(await register(again)).toBe(401);
    await pool.backEnd.setAccountEnabled({ ...judy, enabled: true });
    expect(await register(again)).toBe(200);
  });

  it('needs no password when it comes back after another one was set', async () => {
    const certificate = await authority.issue('URI:sip:kate@example.org');
    const phone = await connect('kate', certificate);
    expect(await register(phone)).toBe(200);
    await pool.setPassword(phone.account, 'another');
    expect(await register(phone)).toBe(401);
    expect(await register(await connect('kate', certificate))).toBe(200);
  });
});

describe('a certificate that proves nothing', () => {
  it('leaves its phone with the password: foreign, expired, revoked, for servers, of nobody, of a `sips:` URI', async () => {
    const foreign = await makeAuthority(join(folder, 'foreign'));
    const of = 'URI:sip:leo@example.org';
    for (const [what, certificate, reason] of [
      ['foreign', await foreign.issue(of), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      ['expired', await authority.issue(of, { expired: true }), 'CERT_HAS_EXPIRED'],
      ['revoked', revoked, 'CERT_REVOKED'],
      ['for servers', await authority.issue(of, { usage: 'serverAuth' }), 'INVALID_PURPOSE'],
      ['of nobody', await authority.issue('URI:sip:nobody@example.org'), undefined],
      ['sips', await authority.issue('URI:sips:leo@example.org'), undefined],
      ['elsewhere', await authority.issue('URI:sip:leo@example.net'), undefined],
      ['a server name', await authority.issue(['DNS:leo@example.org', 'URI:sip:example.org']), undefined],
      ['two in one', await authority.issue('DNS:x, URI:sip:leo@example.org'), undefined],
    ] as const) {
      const logged = pool.log().length;
      const phone = await connect(what === 'revoked' ? 'revoked' : 'leo', certificate);
      expect(await register(phone), what).toBe(401);
      expect((await phone.register({ contacts: [phone.contact()] })).status, what).toBe(200);
      const told = pool
        .log()
        .slice(logged)
        .split('\n')
        .find((line) => line.includes('a client certificate was refused'));
      expect(told && JSON.parse(told).reason, what).toBe(reason);
    }
  });

  it('is not asked for where no authority is named', async () => {
    const phone = await connect('mia', await authority.issue('URI:sip:mia@example.org'), pool.frontEnd);
    expect(await register(phone)).toBe(401);
    expect(await register(await connect('mia', await authority.issue('URI:sip:mia@example.org')))).toBe(200);
  });

  it('is worth nothing on another connection of the phone', async () => {
    const phone = await connect('nina', await authority.issue('URI:sip:nina@example.org'));
    expect(await register(phone)).toBe(200);
    const plain = await pool.client({ account: phone.account, transport: 'TLS', frontEnd: asking });
    expect(await register(plain)).toBe(401);
  });
});

it('a front end says which file of authorities it cannot use', async () => {
  const empty = join(folder, 'empty.pem');
  await writeFile(empty, 'nothing');
  await expect(pool.addFrontEnd({ clientCa: empty })).rejects.toThrow(/--client-ca .*empty\.pem holds no/);
  await expect(pool.addFrontEnd({ clientCa: authority.ca, clientCrl: join(folder, 'none') })).rejects.toThrow(
    /--client-crl .*none cannot be read \(ENOENT\)/,
  );
});
