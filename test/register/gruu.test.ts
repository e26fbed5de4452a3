import { readTemporaryGruu } from '@rollcall/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const URN = 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
const instance = `;+sip.instance="<${URN}>"`;
const supported = 'gruu';

const userOf = (uri: string | undefined) => /^sip:([^@]*)@/.exec(uri ?? '')?.[1] ?? '';
async function readable(gruu: string | undefined) {
  return readTemporaryGruu(userOf(gruu), await pool.backEnd.findKeys({ purpose: 'gruu' }));
}

describe('GRUUs, RFC 5627', () => {
  it('a phone with an instance gets a public one that names it and a temporary one that does not', async () => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact(instance)], supported });
    const { 'pub-gruu': publicGruu, 'temp-gruu': temporary } = answer.contacts[0]?.parameters ?? {};
    expect(publicGruu).toBe(`sip:${alice.account.user}@${DOMAIN};gr=${URN}`);
    expect(temporary).toMatch(new RegExp(`^sip:[^@;]+@${DOMAIN.replace('.', '\\.')};gr$`));
    expect(temporary).not.toContain(alice.account.user);
    expect(temporary).not.toContain('f81d4fae');
  });

  it('the public one stays the same; each refresh brings a new temporary one for the same endpoint', async () => {
    const alice = await pool.client();
    const gruus = [];
    for (let refresh = 0; refresh < 3; refresh++) {
      const { contacts } = await alice.register({ contacts: [alice.contact(instance)], supported });
      gruus.push(contacts[0]!.parameters);
    }
    expect(new Set(gruus.map((one) => one['pub-gruu'])).size).toBe(1);
    expect(new Set(gruus.map((one) => one['temp-gruu'])).size).toBe(3);
    const targets = await Promise.all(gruus.map((one) => readable(one['temp-gruu'])));
    const [endpoint] = await pool.backEnd.listEndpoints(alice.account);
    for (const target of targets) {
      expect(target).toEqual({
        accountId: endpoint?.accountId,
        endpointId: endpoint?.id,
        incarnation: endpoint?.incarnation,
      });
    }
  });

  it('temporary ones from before a restart of the phone are void', async () => {
    const alice = await pool.client();
    const request = { contacts: [alice.contact(instance)], supported };
    const before = await readable((await alice.register(request)).contacts[0]?.parameters['temp-gruu']);
    const restarted = await alice.register({ ...request, callId: 'after-the-restart', cseq: 1 });
    const after = await readable(restarted.contacts[0]?.parameters['temp-gruu']);
    expect(after?.endpointId).toBe(before?.endpointId);
    expect(after?.incarnation).not.toBe(before?.incarnation);
  });

  it('a forged one is worth nothing', async () => {
    const alice = await pool.client();
    const { contacts } = await alice.register({ contacts: [alice.contact(instance)], supported });
    const gruu = contacts[0]?.parameters['temp-gruu'] ?? '';
    const at = gruu.indexOf('@') - 3;
    const forged = gruu.slice(0, at) + (gruu[at] === 'A' ? 'B' : 'A') + gruu.slice(at + 1);
    expect(await readable(gruu)).toBeDefined();
    expect(await readable(forged)).toBeUndefined();
  });

  it('only phones that support them are told, and only of contacts with an instance', async () => {
    const alice = await pool.client();
    const plain = await alice.register({ contacts: [alice.contact(instance), '<sip:alice@192.0.2.1>'] });
    expect(plain.text).not.toMatch(/(pub|temp)-gruu/);
    const asked = await alice.register({ supported });
    const withGruu = asked.contacts.filter(({ parameters }) => 'pub-gruu' in parameters);
    expect(withGruu.map(({ parameters }) => parameters['+sip.instance'])).toEqual([`<${URN}>`]);
  });

  it('what would not fit into a URI is escaped in it', async () => {
    await pool.addAccount('jörg #1', 'secret');
    const joerg = await pool.client({ account: { user: 'jörg #1', domain: DOMAIN, password: 'secret' } });
    const address = `<sip:j%C3%B6rg%20%231@${DOMAIN}>`;
    const answer = await joerg.register({
      to: address,
      from: `${address};tag=1`,
      contacts: ['<sip:joerg@192.0.2.1>;+sip.instance="<urn:x:a;b?c>"'],
      supported,
    });
    expect(answer.status).toBe(200);
    expect(answer.contacts[0]?.parameters['pub-gruu']).toBe(`sip:j%C3%B6rg%20%231@${DOMAIN};gr=urn:x:a%3Bb%3Fc`);
  });

  it('a phone cannot make the server repeat GRUUs of its own making', async () => {
    const alice = await pool.client();
    const own = ';pub-gruu="sip:bob@example.org;gr=x";temp-gruu="sip:y@example.org;gr"';
    expect((await alice.register({ contacts: [alice.contact(own)], supported })).text).not.toContain('-gruu');
  });
});
