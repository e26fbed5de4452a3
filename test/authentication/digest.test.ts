import type { RunningFrontEnd } from '@rollcall/front-end';
import { challengesOf } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
let all: RunningFrontEnd;
let integrity: RunningFrontEnd;
beforeAll(async () => {
  pool = await startFrontEndPool();
  all = await pool.addFrontEnd({ digestAlgorithms: ['MD5', 'SHA-256', 'SHA-512-256'] });
  integrity = await pool.addFrontEnd({ digestIntegrity: true });
});
afterAll(() => pool.stop());

describe('the challenge', () => {
  it('is one for MD5 unless told otherwise, since softphones give up at anything else', async () => {
    const alice = await pool.client();
    const answer = await alice.exchange({ contacts: [alice.contact()] });
    expect(answer.status).toBe(401);
    expect(challengesOf(answer)).toEqual([
      { realm: DOMAIN, nonce: expect.stringMatching(/^\S{20,}$/), algorithm: 'MD5', qop: ['auth'], stale: false },
    ]);
  });

  it('is one line per algorithm, the strongest first, when there are several', async () => {
    const alice = await pool.client({ frontEnd: all });
    const answer = await alice.exchange({ contacts: [alice.contact()] });
    expect(answer.headers('WWW-Authenticate')).toHaveLength(3);
    expect(challengesOf(answer).map(({ algorithm }) => algorithm)).toEqual(['SHA-512-256', 'SHA-256', 'MD5']);
  });

  it('is another one each time', async () => {
    const alice = await pool.client();
    const nonces = new Set<string | undefined>();
    for (let n = 0; n < 20; n++) nonces.add(challengesOf(await alice.exchange())[0]?.nonce);
    expect(nonces.size).toBe(20);
  });

  it('has the realm of the domain that the account is in', async () => {
    await pool.backEnd.createDomain('other.example');
    const frontEnd = await pool.addFrontEnd();
    const alice = await pool.client({ frontEnd });
    const answer = await alice.exchange({ to: '<sip:bob@other.example>', uri: 'sip:other.example' });
    expect(challengesOf(answer)[0]?.realm).toBe('other.example');
  });
});

describe('credentials that are accepted', () => {
  it.each([
    { algorithm: 'MD5' },
    { algorithm: 'SHA-256' },
    { algorithm: 'SHA-512-256' },
    { algorithm: 'MD5', session: true },
    { algorithm: 'SHA-256', session: true },
    { algorithm: 'SHA-512-256', session: true },
    { algorithm: 'MD5', qop: 'none' as const },
    { algorithm: 'SHA-256', qop: 'none' as const },
  ])('%o', async (credentials) => {
    const alice = await pool.client({ frontEnd: all });
    const answer = await alice.register({ contacts: [alice.contact()], credentials });
    expect(answer.status).toBe(200);
    expect(answer.contacts).toHaveLength(1);
  });

  it('auth-int, which covers the body, is offered and accepted where it is switched on', async () => {
    const alice = await pool.client({ frontEnd: integrity });
    const body = 'a body, of all things';
    const request = { contacts: [alice.contact()], body };
    const challenged = await alice.exchange(request);
    expect(challengesOf(challenged)[0]?.qop).toEqual(['auth', 'auth-int']);
    const credentials = { qop: 'auth-int' as const, body };
    expect((await alice.answerChallenge(challenged, request, credentials)).status).toBe(200);
  });

  it('auth-int is refused when the body was changed on the way', async () => {
    const alice = await pool.client({ frontEnd: integrity });
    const request = { contacts: [alice.contact()], body: 'what somebody made of it' };
    const credentials = { qop: 'auth-int' as const, body: 'what was sent' };
    expect((await alice.register({ ...request, credentials })).status).toBe(401);
    expect((await alice.register()).contacts).toEqual([]);
  });

  it.each([
    { what: 'the address of the server', uri: '"sip:127.0.0.1:5060"' },
    { what: 'what pidgin-sipe digests', uri: '"(null)"' },
  ])('a digest uri that is not the Request-URI: $what', async ({ uri }) => {
    const alice = await pool.client();
    const request = { contacts: [alice.contact()] };
    const challenged = await alice.exchange(request);
    const authorization = alice.authorization(challenged, { uri: uri.slice(1, -1) });
    const answer = await alice.exchange({ ...request, headers: [['Authorization', authorization]] });
    expect(answer.status).toBe(200);
  });

  it('among several Authorization header fields the one for our realm counts', async () => {
    const alice = await pool.client();
    const ours = alice.authorization(await alice.exchange());
    const headers = [
      ['Authorization', ours.replace(`realm="${DOMAIN}"`, 'realm="elsewhere.example"')],
      ['Authorization', 'Basic YWxpY2U6c2VjcmV0'],
      ['Authorization', ours],
    ] as const;
    expect((await alice.exchange({ contacts: [alice.contact()], headers })).status).toBe(200);
  });

  it('written in any order, case and spacing, with fields that nobody knows', async () => {
    const alice = await pool.client();
    const written = alice
      .authorization(await alice.exchange())
      .replace('Digest ', 'DIGEST   X-New="a, b" ,  ')
      .replace('username=', 'UserName = ')
      .replace('algorithm=MD5', 'algorithm="md5"')
      .replace('qop=auth', 'qop="auth"');
    const answer = await alice.exchange({ contacts: [alice.contact()], headers: [['authorization', written]] });
    expect(answer.status).toBe(200);
  });
});

describe('credentials that are refused with 401, and change nothing', () => {
  it.each([
    { what: 'a realm that is not ours', mistakes: { realm: '"elsewhere.example"' } },
    { what: 'the realm in other letters', mistakes: { realm: `"${DOMAIN.toUpperCase()}"` } },
    { what: 'a response for another request', mistakes: { uri: '"sip:elsewhere.example"' } },
    { what: 'another nonce count than was digested', mistakes: { nc: '00000002' } },
    { what: 'another cnonce than was digested', mistakes: { cnonce: '"deadbeef"' } },
    { what: 'half a response', mistakes: { response: '"0123456789abcdef"' } },
    { what: 'a response that is no hexadecimal number', mistakes: { response: `"${'z'.repeat(32)}"` } },
    { what: 'an algorithm that was not offered', mistakes: { algorithm: 'SHA-256' } },
    { what: 'an algorithm that nobody knows', mistakes: { algorithm: 'ROT13' } },
    { what: 'a qop that nobody knows', mistakes: { qop: 'auth-conf' } },
    { what: 'an empty user name', mistakes: { username: '""' } },
    { what: 'a nonce count that is no number', mistakes: { nc: 'one' } },
  ])('$what', async ({ mistakes }) => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact()], credentials: { mistakes } });
    expect(answer.status).toBe(401);
    expect(challengesOf(answer)).toHaveLength(1);
    expect((await alice.register()).contacts).toEqual([]);
  });

  it.each([
    '',
    'Digest',
    'Digest ',
    'Digest username',
    'Digest username="alice',
    'Digest username="alice", username="bob"',
    'Bearer abc',
    'Digest ,,,,',
    `Digest ${'x=1,'.repeat(2000)}`,
    `Digest username="${'x'.repeat(10_000)}"`,
    'Digest username="\0", realm="example.org", nonce="\0"',
  ])('a malformed header field: %j', async (value) => {
    const alice = await pool.client();
    const answer = await alice.exchange({ contacts: [alice.contact()], headers: [['Authorization', value]] });
    expect(answer.status).toBe(401);
  });
});
