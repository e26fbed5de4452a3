import { DIGEST_ALGORITHMS, DIGEST_LENGTHS, type DigestAlgorithm } from './algorithm.ts';
import { scanAuthParameters } from './auth-parameters.ts';

/** What a client answers to a challenge: the value of Authorization or Proxy-Authorization. */
export interface DigestCredentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  /** As the client digested it; whether it fits the Request-URI is for the caller to say. */
  readonly uri: string;
  /** Lower-case hexadecimal digits, as many as the algorithm makes. */
  readonly response: string;
  readonly algorithm: DigestAlgorithm;
  /** The algorithm was the `-sess` variant. */
  readonly session: boolean;
  /** Undefined in the form of RFC 2069, which has neither cnonce nor nonce count. */
  readonly qop: 'auth' | 'auth-int' | undefined;
  readonly cnonce: string | undefined;
  /** The nonce count, eight hexadecimal digits as they came: they are digested. */
  readonly nc: string | undefined;
  /** What `nc` means; 0 without qop. */
  readonly nonceCount: number;
  readonly opaque: string | undefined;
}

/**
 * Reads credentials (RFC 7616 §3.4). Undefined when they are no Digest credentials, malformed, or of a form that we
 * never ask for (another algorithm or qop, userhash, username*): challenge the request as if it had none.
 */
export function parseCredentials(value: string): DigestCredentials | undefined {
  const parameters = scanAuthParameters(value, 'digest');
  if (!parameters) return undefined;
  const username = parameters.get('username');
  const realm = parameters.get('realm');
  const nonce = parameters.get('nonce');
  const uri = parameters.get('uri');
  const response = parameters.get('response')?.toLowerCase();
  const variant = ALGORITHMS.get((parameters.get('algorithm') ?? 'MD5').toUpperCase());
  if (!username || realm === undefined || !nonce || !uri || !response || !variant) return undefined;
  if (response.length !== DIGEST_LENGTHS[variant.algorithm] || !HEXADECIMAL.test(response)) return undefined;
  if (parameters.get('userhash')?.toLowerCase() === 'true') return undefined;

  const qop = parameters.get('qop')?.toLowerCase();
  const cnonce = parameters.get('cnonce');
  const nc = parameters.get('nc');
  if (nc !== undefined && !NONCE_COUNT.test(nc)) return undefined;
  if (qop === undefined) {
    if (variant.session && cnonce === undefined) return undefined;
  } else if ((qop !== 'auth' && qop !== 'auth-int') || cnonce === undefined || nc === undefined) {
    return undefined;
  }
  const nonceCount = qop === undefined ? 0 : Number.parseInt(nc!, 16);
  const { algorithm, session } = variant;
  const opaque = parameters.get('opaque');
  return { username, realm, nonce, uri, response, algorithm, session, qop, cnonce, nc, nonceCount, opaque };
}

const HEXADECIMAL = /^[0-9a-f]+$/;
const NONCE_COUNT = /^[0-9a-fA-F]{8}$/;

const ALGORITHMS = new Map<string, { algorithm: DigestAlgorithm; session: boolean }>(
  DIGEST_ALGORITHMS.flatMap((algorithm) => [
    [algorithm, { algorithm, session: false }],
    [`${algorithm}-SESS`, { algorithm, session: true }],
  ]),
);
