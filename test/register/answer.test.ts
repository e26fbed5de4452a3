import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

describe('the 200 to a REGISTER', () => {
  it('tells the time, for phones without a clock', async () => {
    const alice = await pool.client();
    const date = (await alice.register({ contacts: [alice.contact()] })).header('Date') ?? '';
    // RFC 3261 §20.17: always GMT, as in RFC 1123.
    expect(date).toMatch(/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/);
    expect(Math.abs(Date.parse(date) - Date.now())).toBeLessThan(3000);
  });

  it('says in Expires how long the longest binding lasts, and nothing when there is none', async () => {
    const alice = await pool.client();
    const contacts = ['<sip:a@192.0.2.1>;expires=100', '<sip:a@192.0.2.2>;expires=300'];
    expect((await alice.register({ contacts })).header('Expires')).toBe('300');
    expect((await alice.register({ contacts: ['*'], expires: 0 })).header('Expires')).toBeUndefined();
  });

  it('says what the server supports', async () => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact()] });
    expect(answer.header('Supported')?.split(', ')).toEqual(expect.arrayContaining(['path', 'gruu', 'outbound']));
  });

  it.each(['UDP', 'TCP', 'TLS'] as const)(
    'names the way for later requests in Service-Route on %s',
    async (transport) => {
      const alice = await pool.client({ transport });
      const answer = await alice.register({ contacts: [alice.contact()] });
      const listener = pool.frontEnd.addresses[transport.toLowerCase() as 'udp'];
      // RFC 3608 §5: a loose route to the listener that the phone has reached.
      expect(answer.header('Service-Route')).toBe(`<sip:${listener};transport=${transport.toLowerCase()};lr>`);
    },
  );

  it('repeats what identifies the request, and tags the To', async () => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact()] });
    expect(answer.header('Call-ID')).toBe(alice.callId);
    expect(answer.header('CSeq')).toBe(`${alice.cseq} REGISTER`);
    expect(answer.header('From')).toBe(`<${alice.addressOfRecord}>;tag=${alice.tag}`);
    expect(answer.header('To')).toMatch(/^<sip:user\d+@example\.org>;tag=\w+$/);
  });
});

describe('Require', () => {
  it('an extension that we do not know is refused with 420 before anything else, and named', async () => {
    const alice = await pool.client();
    const answer = await alice.exchange({
      contacts: [alice.contact()],
      headers: [
        ['Require', 'path, siprec'],
        ['Require', 'x-unheard-of'],
      ],
    });
    expect(answer.status).toBe(420);
    expect(answer.header('Unsupported')).toBe('siprec, x-unheard-of');
  });

  it('what we support may be required', async () => {
    const alice = await pool.client();
    const headers = [['Require', 'path, gruu, Outbound']] as const;
    expect((await alice.register({ contacts: [alice.contact()], headers })).status).toBe(200);
  });
});
