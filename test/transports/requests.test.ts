import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

describe('OPTIONS', () => {
  it('tells anyone what the server can do, without a password', async () => {
    const alice = await pool.client();
    const answer = await alice.exchange({ method: 'OPTIONS' });
    expect(answer.status).toBe(200);
    expect(answer.header('Allow')).toBe(ALLOW);
    expect(answer.header('Supported')).toBe('path, gruu, outbound');
    for (const name of ['Accept', 'Accept-Encoding', 'Accept-Language']) expect(answer.header(name)).toBeDefined();
  });

  it('is refused with 420 when it requires what the server does not know', async () => {
    const alice = await pool.client();
    const answer = await alice.exchange({ method: 'OPTIONS', headers: [['Require', '100rel']] });
    expect(answer.status).toBe(420);
    expect(answer.header('Unsupported')).toBe('100rel');
  });
});

describe('a datagram', () => {
  it('of 60,000 bytes is served like any other', async () => {
    const alice = await pool.client();
    expect((await alice.exchange({ method: 'OPTIONS', body: 'x'.repeat(60_000) })).status).toBe(200);
  });
});

const ALLOW =
  'ACK, BYE, CANCEL, INFO, INVITE, MESSAGE, NOTIFY, OPTIONS, PRACK, PUBLISH, REFER, REGISTER, SUBSCRIBE, UPDATE';

describe('a request from somebody unknown', () => {
  it.each(['PUBLISH', 'SUBSCRIBE'])('about the presence of somebody, %s: 407', async (method) => {
    const alice = await pool.client();
    const headers = [['Event', 'presence'] as const];
    const contacts = [alice.contact()];
    const answer = await alice.exchange({ method, uri: `sip:bob@${DOMAIN}`, headers, contacts });
    expect(answer.status).toBe(407);
  });

  // Methods are case-sensitive, and unknown ones are passed on (RFC 3261 §7.1, §16.3).
  it.each(['INVITE', 'MESSAGE', 'REFER', 'BYE', 'FOO', 'register'])('to be passed on, %s: 407', async (method) => {
    const alice = await pool.client();
    const answer = await alice.exchange({ method, uri: `sip:bob@${DOMAIN}` });
    expect(answer.status).toBe(407);
    expect(answer.header('Proxy-Authenticate')).toMatch(/^Digest /);
  });

  it('a CANCEL of nothing: 481', async () => {
    const alice = await pool.client();
    expect((await alice.exchange({ method: 'CANCEL' })).status).toBe(481);
  });
});

describe.each(['UDP', 'TCP'] as const)('a request over %s that is wrong gets the answer that says how', (transport) => {
  it.each([
    { wrong: 'a Request-URI of another scheme', change: ['sip:example.org SIP/2.0', 'tel:+4930 SIP/2.0'], status: 416 },
    { wrong: 'another version of SIP', change: ['SIP/2.0\r\nVia', 'SIP/7.0\r\nVia'], status: 505 },
    { wrong: 'no From', change: [/From: .*\r\n/, ''], status: 400 },
    { wrong: 'no To', change: [/To: .*\r\n/, ''], status: 400 },
    { wrong: 'no Call-ID', change: [/Call-ID: .*\r\n/, ''], status: 400 },
    { wrong: 'no CSeq', change: [/CSeq: .*\r\n/, ''], status: 400 },
    { wrong: 'the method of another request in the CSeq', change: [/CSeq: (\d+) \w+/, 'CSeq: $1 INVITE'], status: 400 },
    { wrong: 'a CSeq out of range', change: [/CSeq: \d+/, 'CSeq: 4294967296'], status: 400 },
    { wrong: 'two From', change: ['From: ', 'From: <sip:b@example.org>;tag=2\r\nFrom: '], status: 400 },
    { wrong: 'a From that cannot be read', change: [/From: .*\r\n/, 'From: "alice <sip:a@b>;tag=1\r\n'], status: 400 },
    { wrong: 'a header field without a colon', change: ['Max-Forwards: 70', 'Max-Forwards 70'], status: 400 },
    { wrong: 'a Max-Forwards that is no number', change: ['Max-Forwards: 70', 'Max-Forwards: many'], status: 400 },
    { wrong: 'a Request-URI in brackets', change: ['sip:example.org SIP', '<sip:example.org> SIP'], status: 400 },
    { wrong: 'a Request-URI with a space', change: ['sip:example.org SIP', 'sip:exam ple.org SIP'], status: 400 },
  ] as const)('$wrong: $status', async ({ change: [part, replacement], status }) => {
    const alice = await pool.client({ transport });
    const text = alice.request({ method: 'OPTIONS' });
    expect(text.search(part)).toBeGreaterThan(0);
    alice.connection.send(text.replace(part, replacement));
    const answer = await alice.connection.next();
    expect(answer.status).toBe(status);
    // On a connection that is still good.
    expect((await alice.exchange({ method: 'OPTIONS' })).status).toBe(200);
  });
});

describe('what nobody can answer', () => {
  it.each([
    { what: 'an ACK', text: (ack: string) => ack },
    { what: 'an ACK that is malformed', text: (ack: string) => ack.replace(/CSeq: .*\r\n/, '') },
    {
      what: 'a request without a Via',
      text: (ack: string) => ack.replace(/Via: .*\r\n/, '').replaceAll('ACK', 'OPTIONS'),
    },
    { what: 'a response to nothing', text: (ack: string) => ack.replace(/^.*\r\n/, 'SIP/2.0 200 OK\r\n') },
    { what: 'a malformed response', text: () => 'SIP/2.0 ??? What\r\nVia: SIP/2.0/UDP 127.0.0.1:9\r\n\r\n' },
    { what: 'text that is no SIP', text: () => 'GET / HTTP/1.1\r\nHost: example.org\r\n\r\n' },
    { what: 'random bytes', text: () => Buffer.from('00ff80fe'.repeat(100), 'hex') },
    { what: 'an empty line', text: () => '\r\n\r\n' },
  ])('$what is dropped in silence', async ({ text }) => {
    const alice = await pool.client();
    alice.connection.send(text(alice.request({ method: 'ACK' })));
    expect(await alice.connection.collect(100)).toEqual([]);
    expect((await alice.exchange({ method: 'OPTIONS' })).status).toBe(200);
  });

  it('is counted by its reason', async () => {
    const alice = await pool.client();
    const count = (reason: string) => pool.metric(`rollcall_sip_dropped_total{reason="${reason}"}`);
    const before = await Promise.all(['malformed', 'keep-alive', 'runt', 'stray'].map(count));
    const response = alice.request({ method: 'OPTIONS' }).replace(/^.*\r\n/, 'SIP/2.0 200 OK\r\n');
    for (const text of ['x'.repeat(100), '\r\n\r\n', 'hello', response]) alice.connection.send(text);
    const grown = async () => Promise.all(['malformed', 'keep-alive', 'runt', 'stray'].map(count));
    await expect.poll(grown).toEqual(before.map((n) => n + 1));
  });
});
