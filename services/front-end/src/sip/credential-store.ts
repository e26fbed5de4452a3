import type { Credentials, FindCredentialsRequest } from '@rollcall/back-end';
import { LRUCache } from 'lru-cache';

/** Accounts whose credentials are kept; some 150 bytes each. */
const MAXIMUM = 100_000;
const LIFETIME_MS = 3_600_000;

/**
 * The credentials of accounts, from the back end, and those that were right lately from memory.
 *
 * What is kept lets a request in, and never turns one away: where it does not match, the back end is asked. It cannot
 * let anyone in wrongly: the procedure that uses the nonce checks, under the account's lock, that the credentials have
 * still the version that was verified.
 */
export class CredentialStore {
  readonly #find: (request: FindCredentialsRequest) => Promise<Credentials | undefined>;
  /** Each packed into one string, which takes a third of the room of the objects. */
  readonly #kept = new LRUCache<string, string>({ max: MAXIMUM, ttl: LIFETIME_MS });

  constructor(find: (request: FindCredentialsRequest) => Promise<Credentials | undefined>) {
    this.#find = find;
  }

  /**
   * The credentials of the account `user@domain` if `isRight` says so of them, else undefined. `isRight` is called once when it
   * says no, also when there is no such account, so that time does not tell unknown users from wrong passwords.
   */
  async verify(
    account: string,
    request: FindCredentialsRequest,
    isRight: (credentials: Credentials | undefined) => boolean,
  ): Promise<Credentials | undefined> {
    const packed = this.#kept.get(account);
    const kept = packed === undefined ? undefined : unpack(packed);
    if (kept && isRight(kept)) return kept;
    const found = await this.#find(request);
    const isUnchanged = kept?.accountId === found?.accountId && kept?.credentialVersion === found?.credentialVersion;
    if ((kept && isUnchanged) || !isRight(found)) return undefined;
    if (found) this.#kept.set(account, pack(found));
    return found;
  }

  /** After the back end has said that they are not valid any more. */
  forget(account: string): void {
    this.#kept.delete(account);
  }
}

function pack({ accountId, credentialVersion, ha1 }: Credentials): string {
  return [accountId, credentialVersion, ha1.MD5, ha1['SHA-256'], ha1['SHA-512-256']].join(' ');
}

/** Only what let somebody in was packed: the account was enabled. */
function unpack(packed: string): Credentials {
  const [accountId, credentialVersion, md5, sha256, sha512_256] = packed.split(' ');
  const ha1 = {
    ...(md5 && { MD5: md5 }),
    ...(sha256 && { 'SHA-256': sha256 }),
    ...(sha512_256 && { 'SHA-512-256': sha512_256 }),
  };
  return { accountId: Number(accountId), enabled: true, credentialVersion: Number(credentialVersion), ha1 };
}
