import type { DigestAlgorithm } from '@rollcall/sip';
import { LRUCache } from 'lru-cache';

/** Accounts whose credentials are kept; some 200 bytes each. */
const MAXIMUM = 100_000;

/** What a password was verified with. */
export interface KeptCredentials {
  readonly accountId: number;
  readonly credentialVersion: number;
  readonly algorithm: DigestAlgorithm;
  readonly ha1: string;
}

/**
 * The credentials that were right lately, by `user@domain`.
 *
 * What is kept lets a request in, and never turns one away: where it does not match, the back end is asked. It cannot
 * let anyone in wrongly: the procedure that uses the nonce checks, under the account's lock, that the credentials have
 * still the version that was verified.
 */
export class CredentialStore {
  readonly #kept = new LRUCache<string, KeptCredentials>({ max: MAXIMUM });

  get(account: string): KeptCredentials | undefined {
    return this.#kept.get(account);
  }

  keep(account: string, credentials: KeptCredentials): void {
    this.#kept.set(account, credentials);
  }

  /** After the back end has said that they are not valid any more. */
  forget(account: string): void {
    this.#kept.delete(account);
  }
}
