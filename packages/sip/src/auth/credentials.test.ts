import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCredentials } from './credentials.ts';

const BASE = {
  username: '"alice"',
  realm: '"example.org"',
  nonce: '"abc"',
  uri: '"sip:example.org"',
  response: `"${'0a'.repeat(16)}"`,
};

function header(over: Record<string, string | undefined> = {}): string {
  const parameters = Object.entries({ ...BASE, ...over }).filter(([, value]) => value !== undefined);
  return `Digest ${parameters.map(([name, value]) => `${name}=${value}`).join(', ')}`;
}

describe('what clients send', () => {
  test('baresip and linphone: qop auth', () => {
    const value = header({ algorithm: 'MD5', qop: 'auth', nc: '0000000a', cnonce: '"xyz"', opaque: '"o"' });
    expect(parseCredentials(value)).toEqual({
      username: 'alice',
      realm: 'example.org',
      nonce: 'abc',
      uri: 'sip:example.org',
      response: '0a'.repeat(16),
      algorithm: 'MD5',
      session: false,
      qop: 'auth',
      cnonce: 'xyz',
      nc: '0000000a',
      nonceCount: 10,
      opaque: 'o',
    });
  });

  test('libpurple SIMPLE: neither qop nor algorithm', () => {
    expect(parseCredentials(header())).toMatchObject({ algorithm: 'MD5', qop: undefined, nonceCount: 0 });
  });

  test('pidgin-sipe: uri "(null)"', () => {
    expect(parseCredentials(header({ uri: '"(null)"' }))).toMatchObject({ uri: '(null)' });
  });

  test('quoted qop and algorithm, capitals, no spaces after commas', () => {
    const value = header({ qop: '"auth-int"', nc: '00000001', cnonce: '""', algorithm: '"md5-SESS"' });
    const expected = { qop: 'auth-int', algorithm: 'MD5', session: true, cnonce: '' };
    expect(parseCredentials(value)).toMatchObject(expected);
    expect(parseCredentials(value.replaceAll(', ', ',').replace('Digest ', 'DIGEST \t'))).toMatchObject(expected);
  });

  test('a response in capitals', () => {
    expect(parseCredentials(header({ response: `"${'0A'.repeat(16)}"` }))?.response).toBe('0a'.repeat(16));
  });

  test('escapes, commas and equals signs in quoted strings', () => {
    expect(parseCredentials(header({ username: '"a\\"b\\\\c, d=e"' }))?.username).toBe('a"b\\c, d=e');
  });

  test('parameters that nobody knows', () => {
    expect(parseCredentials(header({ auts: '"x"', 'x-y': 'z' }))?.username).toBe('alice');
  });
});

describe('what is not answered with anything but a new challenge', () => {
  const malformed: Record<string, string> = {
    nothing: '',
    'another scheme': header().replace('Digest', 'Basic'),
    'the scheme alone': 'Digest',
    'the scheme and a space': 'Digest ',
    'a scheme run into the first name': header().replace('Digest ', 'Digest'),
    'no commas': header().replaceAll(',', ''),
    'a comma at the end': `${header()},`,
    'two commas': header().replace(',', ',,'),
    'a name without a value': `${header()}, opaque`,
    'a name with an empty value': `${header()}, opaque=`,
    'a quote that stays open': `${header()}, opaque="x`,
    'a backslash at the end': `${header()}, opaque="x\\`,
    'text after a quoted string': `${header()}, opaque="x"y`,
    'a name twice': `${header()}, username="bob"`,
    'a name twice in another case': `${header()}, USERNAME="bob"`,
    'no username': header({ username: undefined }),
    'an empty username': header({ username: '""' }),
    'no realm': header({ realm: undefined }),
    'no nonce': header({ nonce: undefined }),
    'no uri': header({ uri: undefined }),
    'no response': header({ response: undefined }),
    'a short response': header({ response: '"0a"' }),
    'a response of another hash': header({ algorithm: 'SHA-256' }),
    'a response that is not hexadecimal': header({ response: `"${'0g'.repeat(16)}"` }),
    'an algorithm that we do not know': header({ algorithm: 'AKAv1-MD5' }),
    'a qop that we do not know': header({ qop: 'auth-conf', nc: '00000001', cnonce: '"x"' }),
    'qop without nc': header({ qop: 'auth', cnonce: '"x"' }),
    'qop without cnonce': header({ qop: 'auth', nc: '00000001' }),
    'a session without cnonce': header({ algorithm: 'MD5-sess' }),
    'nc of seven digits': header({ qop: 'auth', nc: '0000001', cnonce: '"x"' }),
    'nc of nine digits': header({ qop: 'auth', nc: '000000001', cnonce: '"x"' }),
    'nc that is not hexadecimal': header({ qop: 'auth', nc: '0000000g', cnonce: '"x"' }),
    userhash: header({ userhash: 'true' }),
    'username*': header({ username: undefined, 'username*': "UTF-8''alice" }),
    'more than 4096 characters': header({ opaque: `"${'x'.repeat(4_096)}"` }),
    'more than 32 parameters': header(Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`x${n}`, 'y']))),
  };
  for (const [what, value] of Object.entries(malformed)) {
    test(what, () => expect(parseCredentials(value)).toBeUndefined());
  }
});

describe('any input', () => {
  test('gives credentials or undefined, and never throws', () => {
    const fragment = fc.oneof(
      fc.constantFrom('Digest ', '"', '\\', ',', '=', ' ', 'username', 'nc', 'qop', 'auth', ...Object.values(BASE)),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 40 }), (fragments) => {
        for (const text of [fragments.join(''), `${header()}${fragments.join('')}`]) {
          const credentials = parseCredentials(text);
          if (credentials) expect(credentials.response).toMatch(/^[0-9a-f]+$/);
        }
      }),
    );
  });

  test('quoted values come back as they were, in any order of the parameters', () => {
    const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
    const texts = fc.record({ username: fc.string({ minLength: 1 }), realm: fc.string(), opaque: fc.string() });
    fc.assert(
      fc.property(texts, fc.infiniteStream(fc.nat()), (values, order) => {
        const parameters = Object.entries({
          ...BASE,
          ...Object.fromEntries(Object.entries(values).map(([name, text]) => [name, quoted(text)])),
        }).map(([name, value]) => ({ text: `${name}=${value}`, rank: order.next().value ?? 0 }));
        parameters.sort((a, b) => a.rank - b.rank);
        expect(parseCredentials(`Digest ${parameters.map(({ text }) => text).join(',')}`)).toMatchObject(values);
      }),
    );
  });

  test.each([
    ['spaces', `Digest${' '.repeat(4_000)}`],
    ['a name without end', `Digest ${'a'.repeat(4_000)}`],
    ['escapes without end', `Digest a="${'\\"'.repeat(2_000)}`],
    ['a quote without end', `Digest a="${'x'.repeat(4_000)}`],
    ['many quotes', `Digest ${'a="",'.repeat(800)}`],
  ])('%s take well under a millisecond', (_, text) => {
    const start = performance.now();
    for (let round = 0; round < 20; round++) expect(parseCredentials(text)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(100);
  });
});
