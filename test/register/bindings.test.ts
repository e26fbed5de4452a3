import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const uris = (answer: { contacts: readonly { uri: string }[] }) => answer.contacts.map(({ uri }) => uri).sort();

describe('what a phone registers, RFC 3261 §10.3', () => {
  it('is shown in the answer and to every later query of the account', async () => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact()] });
    expect(answer.status).toBe(200);
    const { address, port } = alice.connection.local;
    expect(uris(answer)).toEqual([`sip:${alice.account.user}@${address}:${port}`]);

    const other = await pool.client({ account: alice.account });
    expect(uris(await other.register())).toEqual(uris(answer));
  });

  it('is refreshed, not doubled, when it registers again with the next CSeq', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: [alice.contact(';expires=100')] });
    const again = await alice.register({ contacts: [alice.contact(';expires=300')] });
    expect(again.contacts).toHaveLength(1);
    expect(again.contacts[0]?.expires).toBe(300);
  });

  it('stands beside what another phone of the account registers', async () => {
    const desk = await pool.client();
    const mobile = await pool.client({ account: desk.account });
    await desk.register({ contacts: [desk.contact()] });
    expect((await mobile.register({ contacts: [mobile.contact()] })).contacts).toHaveLength(2);
  });

  it('is gone when it registers with expires=0, and the others stay', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: ['<sip:alice@192.0.2.1>', '<sip:alice@192.0.2.2>'] });
    const answer = await alice.register({ contacts: ['<sip:alice@192.0.2.1>;expires=0'] });
    expect(answer.status).toBe(200);
    expect(uris(answer)).toEqual(['sip:alice@192.0.2.2']);
    expect(uris(await alice.register())).toEqual(['sip:alice@192.0.2.2']);
  });

  it('can be taken off although it was never there', async () => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: ['<sip:alice@192.0.2.1>'], expires: 0 });
    expect(answer.status).toBe(200);
    expect(answer.contacts).toEqual([]);
  });
});

describe('Contact: *', () => {
  it('with Expires: 0 removes every binding of the account, those of other phones too', async () => {
    const desk = await pool.client();
    const mobile = await pool.client({ account: desk.account });
    await desk.register({ contacts: [desk.contact(), '<sip:alice@192.0.2.2>'] });
    await mobile.register({ contacts: [mobile.contact()] });
    const answer = await desk.register({ contacts: ['*'], expires: 0 });
    expect(answer.status).toBe(200);
    expect(answer.contacts).toEqual([]);
    expect((await mobile.register()).contacts).toEqual([]);
  });

  it.each([
    { what: 'without Expires', contacts: ['*'] },
    { what: 'with Expires: 60', contacts: ['*'], expires: 60 },
    { what: 'beside another Contact', contacts: ['*', '<sip:alice@192.0.2.2>'], expires: 0 },
    { what: 'in a list with another', contacts: ['<sip:alice@192.0.2.2>, *'], expires: 0 },
    { what: 'with a parameter', contacts: ['*;expires=0'], expires: 0 },
  ])('$what is refused with 400 and removes nothing', async ({ what: _, ...request }) => {
    const alice = await pool.client();
    await alice.register({ contacts: ['<sip:alice@192.0.2.1>'] });
    expect((await alice.register(request)).status).toBe(400);
    expect(uris(await alice.register())).toEqual(['sip:alice@192.0.2.1']);
  });
});

describe('several Contacts in one REGISTER', () => {
  it('are all bound, from one header field line or from many', async () => {
    const alice = await pool.client();
    const answer = await alice.register({
      contacts: ['<sip:alice@192.0.2.1>, "b" <sip:alice@192.0.2.2>', '<sip:alice@192.0.2.3>'],
    });
    expect(uris(answer)).toEqual(['sip:alice@192.0.2.1', 'sip:alice@192.0.2.2', 'sip:alice@192.0.2.3']);
  });

  it('are added, refreshed and removed together', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: ['<sip:alice@192.0.2.1>', '<sip:alice@192.0.2.2>;expires=100'] });
    const answer = await alice.register({
      contacts: ['<sip:alice@192.0.2.1>;expires=0', '<sip:alice@192.0.2.2>;expires=200', '<sip:alice@192.0.2.3>'],
    });
    expect(uris(answer)).toEqual(['sip:alice@192.0.2.2', 'sip:alice@192.0.2.3']);
    expect(answer.contacts.find(({ uri }) => uri.endsWith('.2'))?.expires).toBe(200);
  });

  it('are all left alone when one of them is too brief', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: ['<sip:alice@192.0.2.1>'] });
    const answer = await alice.register({
      contacts: ['<sip:alice@192.0.2.2>', '<sip:alice@192.0.2.1>;expires=0', '<sip:alice@192.0.2.3>;expires=5'],
    });
    expect(answer.status).toBe(423);
    expect(uris(await alice.register())).toEqual(['sip:alice@192.0.2.1']);
  });

  it('are all left alone when one of them is older than what is stored', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: ['<sip:alice@192.0.2.1>'], cseq: 10 });
    const answer = await alice.register({ contacts: ['<sip:alice@192.0.2.2>', '<sip:alice@192.0.2.1>'], cseq: 5 });
    expect(answer.status).toBe(500);
    expect(uris(await alice.register({ cseq: 20 }))).toEqual(['sip:alice@192.0.2.1']);
  });

  it('count once when they mean the same binding', async () => {
    const alice = await pool.client();
    const answer = await alice.register({
      contacts: ['<sip:alice@192.0.2.1>;expires=100', '<sip:%61lice@192.0.2.1>;expires=200'],
    });
    expect(answer.contacts.map(({ expires }) => expires)).toEqual([200]);
  });
});

describe('CSeq order, RFC 3261 §10.3 step 7', () => {
  it.each([
    ['the same', 11],
    ['a lower', 6],
  ])('%s CSeq of the same Call-ID is refused with 500 and changes nothing', async (_what, cseq) => {
    const alice = await pool.client();
    const first = await alice.register({ contacts: ['<sip:alice@192.0.2.1>;expires=100'], cseq: 10 });
    expect(first.header('CSeq')).toBe('11 REGISTER');
    const late = await alice.register({ contacts: ['<sip:alice@192.0.2.1>;expires=900'], cseq: cseq - 1 });
    expect(late.header('CSeq')).toBe(`${cseq} REGISTER`);
    expect(late.status).toBe(500);
    expect((await alice.register({ cseq: 20 })).contacts[0]?.expires).toBeLessThanOrEqual(100);
  });

  it('a late removal does not undo the refresh that overtook it', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: ['<sip:alice@192.0.2.1>'], cseq: 10 });
    for (const contacts of [['<sip:alice@192.0.2.1>'], ['*']]) {
      expect((await alice.register({ contacts, expires: 0, cseq: 3 })).status).toBe(500);
    }
    expect((await alice.register({ cseq: 20 })).contacts).toHaveLength(1);
  });

  it('a phone that has restarted counts from 1 again under a new Call-ID', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: ['<sip:alice@192.0.2.1>'], cseq: 4711 });
    const answer = await alice.register({
      contacts: ['<sip:alice@192.0.2.1>;expires=900'],
      callId: 'after-the-restart',
      cseq: 1,
    });
    expect(answer.status).toBe(200);
    expect(answer.contacts.map(({ expires }) => expires)).toEqual([900]);
  });

  it('counts per binding: a lower CSeq may add another one', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: ['<sip:alice@192.0.2.1>'], cseq: 10 });
    expect((await alice.register({ contacts: ['<sip:alice@192.0.2.2>'], cseq: 5 })).contacts).toHaveLength(2);
  });
});

describe('how many endpoints an account may have', () => {
  it('the ninth makes the one leave that was refreshed longest ago', async () => {
    const alice = await pool.client();
    for (let phone = 1; phone <= 8; phone++) await alice.register({ contacts: [`<sip:alice@192.0.2.${phone}>`] });
    await alice.register({ contacts: ['<sip:alice@192.0.2.1>'] });
    const answer = await alice.register({ contacts: ['<sip:alice@192.0.2.9>'] });
    expect(answer.status).toBe(200);
    expect(uris(answer)).toEqual([1, 3, 4, 5, 6, 7, 8, 9].map((phone) => `sip:alice@192.0.2.${phone}`));
  });

  it('nine in one request are refused with 403, and none is stored', async () => {
    const alice = await pool.client();
    const contacts = Array.from({ length: 9 }, (_, phone) => `<sip:alice@192.0.2.${phone}>`);
    expect((await alice.register({ contacts })).status).toBe(403);
    expect((await alice.register()).contacts).toEqual([]);
    expect((await alice.register({ contacts: contacts.slice(1) })).contacts).toHaveLength(8);
  });
});
