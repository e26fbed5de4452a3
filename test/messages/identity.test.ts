import type { RunningFrontEnd } from '@rollcall/front-end';
import { runRollcall, type SipAccount, type SipClient, type SipReceived } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { signIn } from '../http/http-client.ts';
import { openPhone } from '../phones.ts';

let pool: FrontEndPool;
let second: RunningFrontEnd;
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
  second = await pool.addFrontEnd();
});

afterAll(async () => {
  await pool?.stop();
});

interface Person {
  account: SipAccount;
  uri: string;
  phone: SipClient;
}

/** Somebody with a phone: the sender on the first front end, the receiver on the second. */
async function person(name: string, frontEnd: RunningFrontEnd, transport: 'TCP' | 'UDP' = 'TCP'): Promise<Person> {
  const account = await pool.addAccount(`${name}${++made}`);
  return { account, uri: uriOf(account), phone: await openPhone(pool, account, { frontEnd, transport }) };
}

const uriOf = ({ user }: SipAccount) => `sip:${user}@${DOMAIN}`;

async function two(transport: 'TCP' | 'UDP' = 'TCP'): Promise<[Person, Person]> {
  return [await person('alice', pool.frontEnd, transport), await person('bob', second)];
}

const METHODS = ['MESSAGE', 'INVITE'] as const;
type Options = Parameters<SipClient['send']>[0];

/** The final answer to a request, and the request as its receiver got it; undefined when none came. */
async function sends(from: Person, to: { uri: string; phone: SipClient }, options: Options = {}) {
  const { method = 'MESSAGE' } = options;
  const seen: SipReceived[] = [];
  to.phone.answerEach((request) => {
    if (request.method === method) seen.push(request);
    return request.method === 'INVITE' ? { status: 486 } : {};
  });
  const answer = await from.phone.send({
    ...{ method, uri: to.uri, to: `<${to.uri}>`, contacts: [from.phone.contact()] },
    ...{ callId: `${Math.random()}@client.test`, ...options },
  });
  return { answer, got: seen[0] };
}

/** Passed on: what the receiver says comes back. */
const passed = (method: string) => (method === 'INVITE' ? 486 : 200);

describe.each(METHODS)('the sender of %s', (method) => {
  test('is itself; in the name of another it gets 403, and nobody hears of it', async () => {
    const [alice, bob] = await two();
    const carol = await pool.addAccount(`carol${++made}`);
    expect((await sends(alice, bob, { method })).answer.status).toBe(passed(method));
    const forged = await sends(alice, bob, { method, from: `<${uriOf(carol)}>;tag=1` });
    expect(forged.answer.status).toBe(403);
    expect(forged.got).toBeUndefined();
  });

  test.each(['From', 'P-Preferred-Identity'])('may be an alias of its own, in %s', async (where) => {
    const [alice, bob] = await two();
    const alias = { user: `support${++made}`, domain: DOMAIN };
    expect(await pool.backEnd.addAlias({ account: alice.account, alias })).toBe('added');
    const address = `<sip:${alias.user}@${DOMAIN}>`;
    const named: Options =
      where === 'From' ? { from: `${address};tag=1` } : { headers: [['P-Preferred-Identity', address]] };
    // Twice: the first time it is challenged, the second time its connection is known for it.
    for (const _ of [1, 2]) {
      const { answer, got } = await sends(alice, bob, { method, ...named });
      expect(answer.status).toBe(passed(method));
      expect(got?.headers('P-Asserted-Identity')).toEqual([address]);
      expect(got?.headers('P-Preferred-Identity')).toEqual([]);
    }
    await pool.backEnd.removeAlias({ account: alice.account, alias });
    expect((await sends(alice, bob, { method, ...named })).answer.status).toBe(403);
  });

  test.each(['From', 'Proxy-Authorization'])(
    'loses its connection with its password, alias or not: %s',
    async (how) => {
      const [alice, bob] = await two();
      const alias = { user: `info${++made}`, domain: DOMAIN };
      await pool.backEnd.addAlias({ account: alice.account, alias });
      const from = `<sip:${alias.user}@${DOMAIN}>;tag=1`;
      const token = `Bearer ${(await signIn(second, alice.account)).accessToken}`;
      if (how === 'From') {
        expect((await sends(alice, bob, { method, from })).answer.status).toBe(passed(method));
        // The command tells the front ends; without it they would look for themselves, later.
        await runRollcall(['account', 'password', alice.uri, '--password', 'another', '--database-url', pool.adminUrl]);
        const sooner = new Promise((_, reject) => setTimeout(reject, 3000, new Error('it is still open')).unref());
        await Promise.race([alice.phone.connection.ended, sooner]);
      } else {
        // A token is for one request: the next one is challenged.
        const phone = await pool.client({ account: alice.account, transport: 'TCP' });
        const headers = [['Proxy-Authorization', token]] as const;
        expect((await sends({ ...alice, phone }, bob, { method, from, headers })).answer.status).toBe(passed(method));
        const request = { method, uri: bob.uri, to: `<${bob.uri}>`, from, contacts: [phone.contact()] };
        expect((await phone.exchange({ ...request, callId: 'next@client.test' })).status).toBe(407);
      }
    },
  );

  test('is reached by its alias', async () => {
    const [alice, bob] = await two();
    const alias = { user: `sales${++made}`, domain: DOMAIN };
    await pool.backEnd.addAlias({ account: bob.account, alias });
    const { answer, got } = await sends(alice, { ...bob, uri: `sip:${alias.user}@${DOMAIN}` }, { method });
    expect(answer.status).toBe(passed(method));
    expect(got?.header('To')).toContain(alias.user);
  });

  test('gets 403 from one who does not want it, and reaches him again when he does', async () => {
    const [alice, bob] = await two();
    const rule = (communication: 'allow' | 'deny') =>
      pool.backEnd.setAccessRule({ account: bob.account, subject: { scope: 'user', ...alice.account }, communication });
    await rule('deny');
    const denied = await sends(alice, bob, { method });
    expect(denied.answer.status).toBe(403);
    expect(denied.got).toBeUndefined();
    await rule('allow');
    expect((await sends(alice, bob, { method })).answer.status).toBe(passed(method));
  });

  test('is asserted by the pool; what it asserts itself comes off', async () => {
    const [alice, bob] = await two();
    const { got } = await sends(alice, bob, { method, headers: [['P-Asserted-Identity', `<sip:ceo@${DOMAIN}>`]] });
    expect(got?.headers('P-Asserted-Identity')).toEqual([`<${alice.uri}>`]);
  });

  test('is not asserted when it wants to be unknown; critical privacy of another kind is refused', async () => {
    const [alice, bob] = await two();
    const hidden = await sends(alice, bob, { method, headers: [['Privacy', 'id; critical']] });
    expect(hidden.answer.status).toBe(passed(method));
    expect(hidden.got?.headers('P-Asserted-Identity')).toEqual([]);
    const refused = await sends(alice, bob, { method, headers: [['Privacy', 'header;critical']] });
    expect(refused.answer.status).toBe(500);
  });
});

describe('a message that waits', () => {
  const waits = async (headers: Options['headers'] = []) => {
    const alice = await person('alice', pool.frontEnd);
    const account = await pool.addAccount(`bob${++made}`);
    const asserted = ['P-Asserted-Identity', `<sip:ceo@${DOMAIN}>`] as const;
    const sent = await alice.phone.message(uriOf(account), 'later', { headers: [asserted, ...headers] });
    expect(sent.status).toBe(202);
    const phone = await openPhone(pool, account, { frontEnd: second });
    const got = await phone.receive('MESSAGE');
    phone.answer(got, 200);
    return { alice, got };
  };

  test('is from whom the pool asserts, not from whom its sender said', async () => {
    const { alice, got } = await waits();
    expect(got.headers('P-Asserted-Identity')).toEqual([`<${alice.uri}>`]);
  });

  test('is from nobody who wants to be unknown', async () => {
    const { got } = await waits([['Privacy', 'id']]);
    expect(got.headers('P-Asserted-Identity')).toEqual([]);
    expect(got.text).not.toContain('ceo');
  });
});

describe('a phone on UDP', () => {
  test('is asked for its password each time, and the answer is for that request alone', async () => {
    const [alice, bob] = await two('UDP');
    for (const _ of [1, 2]) {
      const first = await alice.phone.exchange({ method: 'MESSAGE', uri: bob.uri, to: `<${bob.uri}>` });
      expect(first.status).toBe(407);
      expect((await sends(alice, bob)).answer.status).toBe(200);
    }
    const request = { method: 'MESSAGE', uri: bob.uri, to: `<${bob.uri}>` };
    const challenged = await alice.phone.exchange(request);
    const proof = ['Proxy-Authorization', alice.phone.authorization(challenged, request)] as const;
    expect((await alice.phone.exchange({ ...request, headers: [proof] })).status).toBe(200);
    // Somebody has read it on the way, and uses it again.
    expect((await alice.phone.exchange({ ...request, headers: [proof] })).status).toBe(407);
  });

  test('sends no more with its old password once there is a new one', async () => {
    const [alice, bob] = await two('UDP');
    expect((await sends(alice, bob)).answer.status).toBe(200);
    const changed = await pool.setPassword(alice.account, 'another');
    expect((await sends(alice, bob)).answer.status).toBe(407);
    const phone = await pool.client({ account: changed });
    expect((await sends({ ...alice, phone }, bob)).answer.status).toBe(200);
  });

  test('needs no password with an access token (RFC 8898), which ends with the password', async () => {
    const [alice, bob] = await two('UDP');
    const { accessToken } = await signIn(second, alice.account);
    const headers = [['Proxy-Authorization', `Bearer ${accessToken}`]] as const;
    const { answer, got } = await sends(alice, bob, { headers });
    expect(answer.status).toBe(200);
    expect(got?.text).not.toContain(accessToken);
    expect(got?.headers('P-Asserted-Identity')).toEqual([`<${alice.uri}>`]);
    await pool.setPassword(alice.account, 'another');
    const { status } = await alice.phone.exchange({ method: 'MESSAGE', uri: bob.uri, to: `<${bob.uri}>`, headers });
    expect([403, 407]).toContain(status);
  });
});

describe('OPTIONS', () => {
  test('to a person passes, and is answered by the phone', async () => {
    const [alice, bob] = await two();
    bob.phone.answerEach(() => ({ headers: [['Allow', 'INVITE, X-BOB']] }));
    const answer = await alice.phone.send({ method: 'OPTIONS', uri: bob.uri, to: `<${bob.uri}>` });
    expect(answer.status).toBe(200);
    expect(answer.header('Allow')).toBe('INVITE, X-BOB');
  });

  test('to the domain is answered by the front end, without a password', async () => {
    const stranger = await pool.client({ frontEnd: second });
    const answer = await stranger.exchange({ method: 'OPTIONS', uri: `sip:${DOMAIN}`, to: `<sip:${DOMAIN}>` });
    expect(answer.status).toBe(200);
    expect(answer.header('Allow')).toContain('MESSAGE');
  });
});
