import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const longUser = (length: number) => `sip:${'x'.repeat(length)}@192.0.2.1`;

describe('a Contact comes back as it was registered', () => {
  it.each([
    { what: 'an IPv6 address', uri: 'sip:alice@[2001:db8::1]:5070' },
    { what: 'sips', uri: 'sips:alice@192.0.2.1' },
    { what: 'a transport and a line', uri: 'sip:alice@192.0.2.1:5070;transport=tcp;line=7a4' },
    { what: 'escapes', uri: 'sip:al%20ice%3b@192.0.2.1' },
    { what: 'UTF-8, escaped', uri: 'sip:%E5%8C%97%E4%BA%AC@192.0.2.1' },
    { what: 'UTF-8 as it is', uri: 'sip:北京@192.0.2.1' },
    { what: 'no user', uri: 'sip:192.0.2.1' },
    { what: 'a password', uri: 'sip:alice:secret@192.0.2.1' },
    { what: 'URI headers', uri: 'sip:alice@192.0.2.1?Subject=x&Priority=urgent' },
    { what: 'the name of a WebSocket client', uri: 'sip:k3f8@df7jal23ls0d.invalid;transport=ws' },
    { what: 'another scheme', uri: 'tel:+4930123456' },
    { what: 'a mail address', uri: 'mailto:alice@example.org' },
    { what: 'a comma and a semicolon', uri: 'sip:a,b;c=d@192.0.2.1' },
    { what: '3,000 characters', uri: longUser(3000) },
  ])('$what', async ({ uri }) => {
    const alice = await pool.client({ transport: 'TCP' });
    const answer = await alice.register({ contacts: [`<${uri}>`] });
    expect(answer.status).toBe(200);
    expect(answer.contacts.map((one) => one.uri)).toEqual([uri]);
    // A refresh finds it again.
    expect((await alice.register({ contacts: [`<${uri}>`] })).contacts).toHaveLength(1);
  });

  it('with its parameters, those that nobody knows and those in quotes too', async () => {
    const alice = await pool.client();
    const parameters = ';audio;methods="INVITE,BYE";x="a;b, \\"c\\" ü";+g.oma.sip-im';
    const answer = await alice.register({ contacts: [alice.contact(parameters)] });
    expect(answer.header('Contact')).toContain(`>${parameters};expires=`);
  });

  it.each([
    ['0.5', '0.5'],
    ['1', '1'],
    ['1.0', '1'],
    ['0.333', '0.333'],
    ['0', '0'],
  ])('with its priority: q=%s', async (q, answered) => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact(`;q=${q}`)] });
    expect(answer.contacts[0]?.parameters.q).toBe(answered);
  });

  it.each([
    { what: 'in quotes', contact: '"Alice \\"at\\" <home>, 2nd" <sip:alice@192.0.2.1>' },
    { what: 'bare', contact: 'Alice at home <sip:alice@192.0.2.1>' },
    { what: 'in UTF-8', contact: '"Ålice 北京 😀" <sip:alice@192.0.2.1>' },
    { what: 'empty', contact: '"" <sip:alice@192.0.2.1>' },
    { what: 'folded over two lines', contact: '"Alice"\r\n <sip:alice@192.0.2.1>' },
  ])('whatever name is displayed: $what', async ({ contact }) => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [contact] });
    expect(answer.contacts.map(({ uri }) => uri)).toEqual(['sip:alice@192.0.2.1']);
  });

  it('from a compact header field, as from a full one', async () => {
    const alice = await pool.client();
    const answer = await alice.register({ headers: [['m', '<sip:alice@192.0.2.1>']] });
    expect(answer.contacts).toHaveLength(1);
  });
});

describe('two URIs are the same binding when RFC 3261 §19.1.4 says so', () => {
  it.each([
    ['sip:%61lice@192.0.2.1', 'sip:alice@192.0.2.1'],
    ['sip:alice@PHONE.example.net', 'sip:alice@phone.EXAMPLE.net'],
    ['sip:alice@192.0.2.1;transport=TCP;line=1', 'sip:alice@192.0.2.1;LINE=1;transport=tcp'],
    ['SIP:alice@192.0.2.1', 'sip:alice@192.0.2.1'],
  ])('%s and %s', async (first, second) => {
    const alice = await pool.client();
    await alice.register({ contacts: [`<${first}>`] });
    expect((await alice.register({ contacts: [`<${second}>`] })).contacts).toHaveLength(1);
  });

  it.each([
    ['sip:alice@192.0.2.1', 'sip:Alice@192.0.2.1'],
    ['sip:alice@192.0.2.1', 'sips:alice@192.0.2.1'],
    ['sip:alice@192.0.2.1', 'sip:alice@192.0.2.1:5060'],
    ['sip:alice@192.0.2.1', 'sip:alice@192.0.2.1;transport=tcp'],
    ['sip:alice@192.0.2.1', 'sip:192.0.2.1'],
  ])('%s and %s are two', async (first, second) => {
    const alice = await pool.client();
    await alice.register({ contacts: [`<${first}>`] });
    expect((await alice.register({ contacts: [`<${second}>`] })).contacts).toHaveLength(2);
  });
});

describe('what cannot be a Contact is refused with 400 and stores nothing', () => {
  it.each([
    { what: 'no URI', contact: 'alice' },
    { what: 'an empty one', contact: '<>' },
    { what: 'an open bracket', contact: '<sip:alice@192.0.2.1' },
    { what: 'a space in the URI', contact: '<sip:al ice@192.0.2.1>' },
    { what: 'a malformed escape', contact: '<sip:al%zzice@192.0.2.1>' },
    { what: 'a port that is none', contact: '<sip:alice@192.0.2.1:70000>' },
    { what: 'a NUL in the URI', contact: '<sip:al\0ice@192.0.2.1>' },
    { what: 'a control character in the URI', contact: '<sip:al\x07ice@192.0.2.1>' },
    { what: 'a NUL in a parameter', contact: '<sip:alice@192.0.2.1>;x="\0"' },
    { what: 'a NUL in the instance', contact: '<sip:alice@192.0.2.1>;+sip.instance="<urn:\0>"' },
    { what: 'quotes that do not end', contact: '"Alice <sip:alice@192.0.2.1>' },
    { what: '4,200 characters', contact: `<${longUser(4200)}>` },
    { what: '30,000 characters', contact: `<${longUser(30_000)}>` },
    ...['5', '0.3333', 'high', '-1', '1.5'].map((q) => ({
      what: `a priority that is none: q=${q}`,
      contact: `<sip:alice@192.0.2.1>;q=${q}`,
    })),
    { what: '200 values', contact: Array.from({ length: 200 }, (_, n) => `<sip:alice@192.0.2.1:${n + 1}>`).join() },
  ])('$what', async ({ contact }) => {
    const alice = await pool.client({ transport: 'TCP' });
    expect((await alice.register({ contacts: [contact] })).status).toBe(400);
    expect((await alice.register()).contacts).toEqual([]);
  });
});

describe('odd header fields of an otherwise good REGISTER', () => {
  it('a NUL in the Call-ID is refused with 400', async () => {
    const alice = await pool.client();
    expect((await alice.register({ contacts: [alice.contact()], callId: 'a\0b' })).status).toBe(400);
  });

  it.each([
    { what: 'is longer than what is kept of it', userAgent: 'x'.repeat(5000) },
    { what: 'is cut in the middle of an emoji', userAgent: `${'x'.repeat(199)}😀😀` },
    { what: 'is not UTF-8', userAgent: Buffer.from('Tel\xe9phone', 'latin1') },
  ])('a User-Agent that $what registers all the same', async ({ userAgent }) => {
    const alice = await pool.client();
    const request = { contacts: [alice.contact()], headers: [['User-Agent', 'NAME']] as const };
    const authorization = alice.authorization(await alice.exchange(request));
    const text = alice.request({
      ...request,
      headers: [
        ['User-Agent', 'NAME'],
        ['Authorization', authorization],
      ],
    });
    const [before = '', after = ''] = text.split('NAME');
    alice.connection.send(Buffer.concat([Buffer.from(before), Buffer.from(userAgent), Buffer.from(after)]));
    expect((await alice.finalAnswer(text)).status).toBe(200);
  });
});
