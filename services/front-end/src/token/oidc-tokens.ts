import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { FrontEndSettings } from '../settings.ts';

export interface OidcOptions {
  /** As its tokens say in `iss`. */
  issuer: string;
  /** What its tokens say in `aud`: us. */
  audience: string;
  /** The claim that names the account: `alice@example.org`. */
  accountClaim: string;
}

/** The issuer's keys could not be read: nothing can be said of its tokens. */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError';
}

/** What is known only to its issuer can sign; a shared secret could be ours by mistake. */
const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];

const TIMEOUT_MS = 5000;
/** Tokens with made-up key ids make no flood of requests. */
const COOLDOWN_MS = 2000;
/** After a failure the issuer is left alone for so long. */
const PAUSE_MS = 5000;

/** Of all that can be wrong with a token; anything else is the issuer's trouble. */
const TOKEN_ERRORS = [
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSMultipleMatchingKeys,
  errors.JWKSNoMatchingKey,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
];

/** For the provider that the settings name, if any. */
export function makeOidc({ oidcIssuer, oidcAudience, oidcAccountClaim }: FrontEndSettings): OidcTokens | undefined {
  if (oidcIssuer === undefined || oidcAudience === undefined) return undefined;
  return new OidcTokens({ issuer: oidcIssuer, audience: oidcAudience, accountClaim: oidcAccountClaim });
}

/** Checks access tokens of an OpenID Connect provider, whose keys are found by discovery and kept. */
export class OidcTokens {
  readonly #options: OidcOptions;
  #keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  get issuer(): string {
    return this.#options.issuer;
  }

  /** The account that the token names, e.g. `alice@example.org`; undefined when it is not valid. @throws IssuerUnavailableError */
  async verify(token: string): Promise<string | undefined> {
    const { issuer, audience } = this.#options;
    const keys = await this.#findKeys();
    try {
      const requirements = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp'], clockTolerance: 5 };
      return this.#account((await jwtVerify(token, keys, requirements)).payload);
    } catch (error) {
      if (TOKEN_ERRORS.some((TokenError) => error instanceof TokenError)) return undefined;
      throw new IssuerUnavailableError('the keys of the token issuer cannot be read', { cause: error });
    }
  }

  #account(claims: JWTPayload): string | undefined {
    const { accountClaim } = this.#options;
    const account = claims[accountClaim];
    // An address that anyone can claim to have proves nothing (OpenID Connect Core §5.7).
    if (accountClaim === 'email' && claims.email_verified === false) return undefined;
    return typeof account === 'string' ? account : undefined;
  }

  #findKeys(): Promise<JWTVerifyGetKey> {
    if (this.#keys) return this.#keys;
    const finding = this.#discover();
    this.#keys = finding;
    finding.catch(() => {
      setTimeout(() => {
        if (this.#keys === finding) this.#keys = undefined;
      }, PAUSE_MS).unref();
    });
    return finding;
  }

  /** OpenID Connect Discovery §4. */
  async #discover(): Promise<JWTVerifyGetKey> {
    const { issuer } = this.#options;
    try {
      const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
      const { issuer: named, jwks_uri: keysUrl } = (await answer.json()) as { issuer?: string; jwks_uri?: string };
      if (named !== issuer || !keysUrl) throw new Error(`${url} is of another issuer, or names no keys`);
      return createRemoteJWKSet(new URL(keysUrl), { timeoutDuration: TIMEOUT_MS, cooldownDuration: COOLDOWN_MS });
    } catch (error) {
      throw new IssuerUnavailableError('the token issuer cannot be reached', { cause: error });
    }
  }
}
