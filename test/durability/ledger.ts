/** What clients have been promised: the last answered change of each account, and a change that is under way. */
export class Ledger {
  readonly #promised = new Map<string, 'registered' | 'gone'>();
  readonly #underWay = new Set<string>();

  get promises(): number {
    return this.#promised.size;
  }

  begin(user: string): void {
    this.#underWay.add(user);
  }

  /** A 200 has come. */
  answered(user: string, state: 'registered' | 'gone'): void {
    this.#promised.set(user, state);
    this.#underWay.delete(user);
  }

  /** Accounts whose promise is broken, given those that have an endpoint. An unanswered change may have happened or not. */
  broken(registered: ReadonlySet<string>): string[] {
    return [...this.#promised]
      .filter(([user, state]) => !this.#underWay.has(user) && registered.has(user) !== (state === 'registered'))
      .map(([user, state]) => `${user} was told that it is ${state}`);
  }
}
