import { createHash } from 'node:crypto';

/** The parts of a challenge that a load client answers with. */
export interface Challenge {
  realm: string;
  nonce: string;
}

export interface Login {
  user: string;
  password: string;
}

/** From the value of a WWW-Authenticate header field. */
export function readChallenge(value: string): Challenge {
  const parameter = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(value)?.[1] ?? '';
  return { realm: parameter('realm'), nonce: parameter('nonce') };
}

/** The value of an Authorization header field, RFC 7616 §3.4 with MD5 and qop=auth. */
export function authorization(
  { realm, nonce }: Challenge,
  { user, password }: Login,
  method: string,
  uri: string,
  count = 1,
): string {
  const nc = count.toString(16).padStart(8, '0');
  const cnonce = 'f2a7c3';
  const response = md5(
    `${md5(`${user}:${realm}:${password}`)}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${uri}`)}`,
  );
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=MD5, cnonce="${cnonce}", qop=auth, nc=${nc}`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
