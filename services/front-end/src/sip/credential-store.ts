import type { DigestAlgorithm } from '@rollcall/sip';
import { LRUCache } from 'lru-cache';

/** Accounts whose credentials are kept; some 150 bytes each. */
const MAXIMUM = 100_000;
const LIFETIME_MS = 3_600_000;

/** What a password was verified with. */
export interface KeptCredentials {
  accountId: number;
  credentialVersion: number;
  algorithm: DigestAlgorithm;
  ha1: string;
}

/**
 * The credentials that were right lately, by `user@domain`.
 *
 * What is kept lets a request in, and never turns one away: where it does not match, the back end is asked. It cannot
 * let anyone in wrongly: the procedure that uses the nonce checks, under the account's lock, that the credentials have
 * still the version that was verified.
 */
export class CredentialStore {
  /** Each packed into one string, which takes a third of the room of the object. */
  readonly #kept = new LRUCache<string, string>({ max: MAXIMUM, ttl: LIFETIME_MS });

  get(account: string): KeptCredentials | undefined {
    const packed = this.#kept.get(account);
    if (packed === undefined) return undefined;
    const [accountId, credentialVersion, algorithm, ha1] = packed.split(' ');
    return {
      accountId: Number(accountId),
      credentialVersion: Number(credentialVersion),
      algorithm: algorithm as DigestAlgorithm,
      ha1: ha1!,
    };
  }

  keep(account: string, { accountId, credentialVersion, algorithm, ha1 }: KeptCredentials): void {
    this.#kept.set(account, `${accountId} ${credentialVersion} ${algorithm} ${ha1}`);
  }

  /** After the back end has said that they are not valid any more. */
  forget(account: string): void {
    this.#kept.delete(account);
  }
}
