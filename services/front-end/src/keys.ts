import { hash } from 'node:crypto';
import type { GruuKey, NonceKey } from '@rollcall/sip';
import type { TokenKey } from './token/access-token.ts';

const RELOAD_MS = 60_000;

export interface LoadedKeys {
  /** Newest first; the first one signs, all of them are accepted. */
  nonce: NonceKey[];
  gruu: GruuKey[];
  /** Newest first. */
  token: TokenKey[];
}

/** The keys that all front ends of the pool share, re-read from the back end now and then so that they can be rotated. */
export class Keys {
  readonly #load: () => Promise<LoadedKeys>;
  readonly #onError: (error: unknown) => void;
  #keys: LoadedKeys = { nonce: [], gruu: [], token: [] };
  #loopSecret = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(load: () => Promise<LoadedKeys>, onError: (error: unknown) => void) {
    this.#load = load;
    this.#onError = onError;
  }

  get nonce(): NonceKey[] {
    return this.#keys.nonce;
  }

  get gruu(): GruuKey[] {
    return this.#keys.gruu;
  }

  /** What all front ends of the pool know loops by. */
  get loopSecret(): string {
    return this.#loopSecret;
  }

  get token(): TokenKey[] {
    return this.#keys.token;
  }

  /** Another front end may have made one since. */
  async reload(): Promise<void> {
    this.#keys = await this.#load();
    // The oldest: a key more does not change it.
    this.#loopSecret = hash('sha256', this.#keys.nonce.at(-1)?.secret ?? '');
  }

  async start(): Promise<void> {
    await this.reload();
    this.#timer = setInterval(() => {
      this.reload().catch(this.#onError);
    }, RELOAD_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
