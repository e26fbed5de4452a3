import { describe, expect, test } from 'vitest';
import {
  computeResponse,
  type DigestAlgorithm,
  type DigestCredentials,
  formatAuthenticationInfo,
  ha1,
  parseCredentials,
  verifyResponse,
} from './index.ts';

const NO_BODY = Buffer.alloc(0);

interface Vector {
  source: string;
  method?: string;
  user: [name: string, realm: string, password: string];
  header: string;
}

const RFC_7616 =
  'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", ' +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ' +
  'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, ' +
  'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", ';
const RFC_2617 =
  'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
  'uri="/dir/index.html", opaque="5ccc069c403ebaf9f0171e9517f40e41", ';

const VECTORS: Vector[] = [
  {
    source: 'RFC 2617 §3.5',
    user: ['Mufasa', 'testrealm@host.com', 'Circle Of Life'],
    header: `${RFC_2617}qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1"`,
  },
  {
    source: 'RFC 2069 §2.4 with erratum 749',
    user: ['Mufasa', 'testrealm@host.com', 'CircleOfLife'],
    header: `${RFC_2617}response="1949323746fe6a43ef61f9606e7febea"`,
  },
  {
    source: 'RFC 7616 §3.9.1, MD5',
    user: ['Mufasa', 'http-auth@example.org', 'Circle of Life'],
    header: `${RFC_7616}algorithm=MD5, response="8ca523f5e9506fed4657c9700eebdbec"`,
  },
  {
    source: 'RFC 7616 §3.9.1, SHA-256',
    user: ['Mufasa', 'http-auth@example.org', 'Circle of Life'],
    header: `${RFC_7616}algorithm=SHA-256, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"`,
  },
  {
    // Without userhash, which does not enter the response. The RFC prints the hash of a draft of SHA-512/256.
    source: 'RFC 7616 §3.9.2 with erratum 4897, SHA-512-256',
    user: ['Jäsøn Doe', 'api@example.org', 'Secret, or not?'],
    header:
      'Digest username="Jäsøn Doe", realm="api@example.org", uri="/doe.json", algorithm=SHA-512-256, ' +
      'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", nc=00000001, ' +
      'cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", qop=auth, ' +
      'response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"',
  },
];

function credentialsOf(header: string): DigestCredentials {
  const credentials = parseCredentials(header);
  if (!credentials) throw new Error(`Not understood: ${header}`);
  return credentials;
}

describe('the examples of the RFCs', () => {
  for (const { source, user, header } of VECTORS) {
    test(`${source}: the right password is accepted, another is not`, () => {
      const credentials = credentialsOf(header);
      const [name, realm, password] = user;
      const right = ha1(credentials.algorithm, name, realm, password);
      const wrong = ha1(credentials.algorithm, name, realm, `${password} `);
      expect(verifyResponse(credentials, { method: 'GET', ha1: right, body: NO_BODY })).toBe(true);
      expect(verifyResponse(credentials, { method: 'GET', ha1: wrong, body: NO_BODY })).toBe(false);
      expect(verifyResponse(credentials, { method: 'POST', ha1: right, body: NO_BODY })).toBe(false);
    });
  }
});

describe('what credentials cover', () => {
  const fields = (over: Partial<DigestCredentials> = {}) => ({
    ...credentialsOf(VECTORS[0]!.header),
    ...over,
  });
  const secret = ha1('MD5', 'Mufasa', 'testrealm@host.com', 'Circle Of Life');
  const digest = (over: Partial<DigestCredentials>, method = 'REGISTER', body = NO_BODY) =>
    computeResponse(fields(over), { method, ha1: secret, body });

  test('every field and the method changes the response', () => {
    const original = digest({});
    const others = [
      digest({ nonce: 'x' }),
      digest({ uri: 'sip:x' }),
      digest({ nc: '00000002' }),
      digest({ cnonce: 'x' }),
      digest({ qop: undefined }),
      digest({ session: true }),
      digest({}, 'INVITE'),
    ];
    expect(new Set([original, ...others]).size).toBe(8);
  });

  test('auth-int covers the body, auth does not', () => {
    const body = Buffer.from('v=0');
    expect(digest({ qop: 'auth-int' }, 'INVITE', body)).not.toBe(digest({ qop: 'auth-int' }, 'INVITE'));
    expect(digest({ qop: 'auth' }, 'INVITE', body)).toBe(digest({ qop: 'auth' }, 'INVITE'));
  });

  test('a response that is shorter or longer is refused', () => {
    const credentials = fields({ response: '6629' });
    expect(verifyResponse(credentials, { method: 'GET', ha1: secret, body: NO_BODY })).toBe(false);
  });

  test.each(['MD5', 'SHA-256', 'SHA-512-256'] as const)('%s: an HA1 is as long as its hash', (algorithm) => {
    expect(ha1(algorithm, 'u', 'r', 'p')).toHaveLength(algorithm === 'MD5' ? 32 : 64);
  });
});

describe('Authentication-Info', () => {
  const given = { ha1: ha1('MD5', 'Mufasa', 'testrealm@host.com', 'Circle Of Life'), body: NO_BODY };

  test('proves that the server knows the password: the response without the method', () => {
    const credentials = credentialsOf(VECTORS[0]!.header);
    const proof = computeResponse(credentials, { method: '', ...given });
    expect(formatAuthenticationInfo(credentials, { ...given, nextNonce: 'n2' })).toBe(
      `nextnonce="n2", qop=auth, rspauth="${proof}", cnonce="0a4f113b", nc=00000001`,
    );
  });

  test('has no proof for a client of RFC 2069', () => {
    const credentials = credentialsOf(VECTORS[1]!.header);
    expect(formatAuthenticationInfo(credentials, { ...given, nextNonce: 'n2' })).toBe('nextnonce="n2"');
  });
});

test('a session key is made from the nonces (RFC 7616 §3.4.2)', () => {
  const algorithm: DigestAlgorithm = 'SHA-256';
  const password = ha1(algorithm, 'alice', 'example.org', 'secret');
  const session = { ...credentialsOf(VECTORS[3]!.header), session: true };
  const key = computeSessionKey(algorithm, password, session.nonce, session.cnonce ?? '');
  const request = { method: 'REGISTER', body: NO_BODY };
  expect(computeResponse(session, { ...request, ha1: password })).toBe(
    computeResponse({ ...session, session: false }, { ...request, ha1: key }),
  );
});

function computeSessionKey(algorithm: DigestAlgorithm, password: string, nonce: string, cnonce: string): string {
  // H(HA1:nonce:cnonce) is the HA1 of a user named HA1 in a realm named nonce.
  return ha1(algorithm, password, nonce, cnonce);
}
