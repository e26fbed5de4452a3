import { Problem } from './problem.ts';

const OF_ACCOUNT = 16;
const ALL = 10_000;

/** How many streams may be open, those included that are being opened. */
export class StreamPlaces {
  readonly #ofAccount = new Map<string, number>();
  #taken = 0;

  get taken(): number {
    return this.#taken;
  }

  /** @throws Problem 429, 503 */
  take(account: string): void {
    const open = this.#ofAccount.get(account) ?? 0;
    if (open >= OF_ACCOUNT) {
      const detail = `An account has at most ${OF_ACCOUNT} event streams on one front end`;
      throw new Problem(429, 'too-many-streams', { detail, headers: { 'Retry-After': '60' } });
    }
    if (this.#taken >= ALL) throw new Problem(503, 'too-many-streams', { headers: { 'Retry-After': '10' } });
    this.#ofAccount.set(account, open + 1);
    this.#taken += 1;
  }

  give(account: string): void {
    const left = (this.#ofAccount.get(account) ?? 1) - 1;
    if (left > 0) this.#ofAccount.set(account, left);
    else this.#ofAccount.delete(account);
    this.#taken -= 1;
  }
}
