import { createHash } from 'node:crypto';
import type { SipAnswer } from './sip-client-answer.ts';

/**
 * Digest as a client computes it (RFC 7616 §3.4), on its own and not with packages/sip: what the product gets wrong, it
 * must not get wrong here in the same way.
 */
export interface SipAccount {
  user: string;
  domain: string;
  password: string;
}

export interface SipChallenge {
  realm: string;
  nonce: string;
  algorithm: string;
  qop: string[];
  stale: boolean;
}

export interface CredentialChoices {
  /** Default 1. */
  nc?: number;
  cnonce?: string;
  /** Default `auth`; `none` is the form of RFC 2069. */
  qop?: 'auth' | 'auth-int' | 'none';
  /** The `-sess` variant of the algorithm. */
  session?: boolean;
  body?: string;
  /** Written instead of what is right, after the response was computed. */
  mistakes?: Readonly<Record<string, string>>;
}

/** One for each WWW-Authenticate line of a 401, or Proxy-Authenticate line of a 407, in their order. */
export function challengesOf(answer: SipAnswer): SipChallenge[] {
  return answer.headers(answer.status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate').map((line) => {
    const fields = new Map<string, string>();
    for (const [, name = '', quoted, token] of line.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s,]+))/g)) {
      fields.set(name, quoted ?? token ?? '');
    }
    return {
      realm: fields.get('realm') ?? '',
      nonce: fields.get('nonce') ?? '',
      algorithm: fields.get('algorithm') ?? 'MD5',
      qop: (fields.get('qop') ?? '').split(',').filter(Boolean),
      stale: fields.get('stale') === 'TRUE',
    };
  });
}

/** The value of an Authorization header field. */
export function digestCredentials(
  challenge: SipChallenge,
  account: SipAccount,
  { method, uri }: { method: string; uri: string },
  choices: CredentialChoices = {},
): string {
  const { nc = 1, cnonce = 'c0ffee', qop = 'auth', session = false, body = '' } = choices;
  const { realm, nonce } = challenge;
  const h = (text: string) =>
    createHash(HASHES[challenge.algorithm] ?? 'md5')
      .update(text)
      .digest('hex');
  const stored = h(`${account.user}:${realm}:${account.password}`);
  const a1 = session ? h(`${stored}:${nonce}:${cnonce}`) : stored;
  const a2 = h(qop === 'auth-int' ? `${method}:${uri}:${h(body)}` : `${method}:${uri}`);
  const count = nc.toString(16).padStart(8, '0');
  const response = h(qop === 'none' ? `${a1}:${nonce}:${a2}` : `${a1}:${nonce}:${count}:${cnonce}:${qop}:${a2}`);
  const fields: Record<string, string> = {
    username: `"${account.user}"`,
    realm: `"${realm}"`,
    nonce: `"${nonce}"`,
    uri: `"${uri}"`,
    response: `"${response}"`,
    algorithm: session ? `${challenge.algorithm}-sess` : challenge.algorithm,
    ...(qop !== 'none' && { qop, nc: count }),
    ...((qop !== 'none' || session) && { cnonce: `"${cnonce}"` }),
    ...choices.mistakes,
  };
  return `Digest ${Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')}`;
}

const HASHES: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };
