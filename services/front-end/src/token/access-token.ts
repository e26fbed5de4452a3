import type { Role, SessionReference } from '@rollcall/back-end';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';

/** What an access token says: any front end believes it, for as long as it lives. */
export interface TokenHolder extends SessionReference {
  /** Unescaped user part and domain of the account. */
  user: string;
  domain: string;
  role: Role;
}

export interface TokenKey {
  id: number;
  secret: Buffer;
  createdAt: Date;
}

export interface AccessTokensOptions {
  /** Newest first: all of them check. */
  keys(): readonly TokenKey[];
  /** Re-reads the keys, since another front end may have made one. */
  reload(): Promise<void>;
  lifetimeSeconds: number;
  /** Milliseconds since 1970. */
  clock(): number;
}

/** The `iss` and `aud` of our own tokens. */
export const ISSUER = 'rollcall';

/** A key signs when every front end has read it, which each does once a minute. */
const SIGNS_AFTER_MS = 120_000;

/** A flood of tokens with made-up key ids makes no flood of reads. */
const RELOAD_MS = 1000;

/** Makes and checks the access tokens of sessions: JWTs with HS256, by keys that all front ends share. */
export class AccessTokens {
  readonly #options: AccessTokensOptions;
  #reloadedAt = Number.NEGATIVE_INFINITY;
  #reloading: Promise<void> | undefined;

  constructor(options: AccessTokensOptions) {
    this.#options = options;
  }

  get lifetimeSeconds(): number {
    return this.#options.lifetimeSeconds;
  }

  async issue({ accountId, user, domain, sessionId, credentialVersion, role }: TokenHolder): Promise<string> {
    const key = this.#signingKey();
    if (!key) throw new Error('There is no key to sign a token with');
    const now = Math.floor(this.#options.clock() / 1000);
    return new SignJWT({ sid: sessionId, ver: credentialVersion, role, user, domain })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: String(key.id) })
      .setIssuer(ISSUER)
      .setAudience(ISSUER)
      .setSubject(String(accountId))
      .setIssuedAt(now)
      .setExpirationTime(now + this.#options.lifetimeSeconds)
      .sign(key.secret);
  }

  /** Undefined for what is no valid token of this pool, or has expired. */
  async verify(token: string): Promise<TokenHolder | undefined> {
    try {
      const secret = await this.#secret(decodeProtectedHeader(token).kid);
      if (!secret) return undefined;
      const { payload } = await jwtVerify(token, secret, {
        ...{ algorithms: ['HS256'], typ: 'at+jwt', issuer: ISSUER, audience: ISSUER, requiredClaims: ['exp', 'sub'] },
        currentDate: new Date(this.#options.clock()),
      });
      const { sub, sid, ver, role, user, domain } = payload;
      // Whoever has the key signs these.
      return { accountId: Number(sub), sessionId: sid, credentialVersion: ver, role, user, domain } as TokenHolder;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  #signingKey(): TokenKey | undefined {
    const keys = this.#options.keys();
    return keys.find(({ createdAt }) => this.#options.clock() - createdAt.getTime() >= SIGNS_AFTER_MS) ?? keys.at(-1);
  }

  async #secret(keyId: string | undefined): Promise<Buffer | undefined> {
    const find = () => this.#options.keys().find(({ id }) => String(id) === keyId)?.secret;
    const known = find();
    if (known || keyId === undefined || !/^\d{1,3}$/.test(keyId)) return known;
    if (performance.now() - this.#reloadedAt >= RELOAD_MS) {
      this.#reloadedAt = performance.now();
      this.#reloading = this.#options.reload();
    }
    await this.#reloading;
    return find();
  }
}
