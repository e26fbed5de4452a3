import { type FlowTokenTarget, KeyHash, makeFlowToken, type NonceKey, RecentMap, readFlowToken } from '@rollcall/sip';

const MAXIMUM = 4000;

/**
 * The tokens of flows that were made or read lately. A connection that is used once is used again, and always has the same token,
 * which takes two hashes to make and two to check.
 */
export class FlowTokens {
  readonly #current: () => readonly NonceKey[];
  #keys: readonly NonceKey[] = [];
  /** By endpoint. */
  #made = new RecentMap<{ target: FlowTokenTarget; token: string }, number>(MAXIMUM);
  /** By token. */
  #read = new RecentMap<{ target: FlowTokenTarget; token: string }, number>(MAXIMUM);

  constructor(keys: () => readonly NonceKey[]) {
    this.#current = keys;
  }

  make(target: FlowTokenTarget): string {
    this.#followKeys();
    const kept = this.#made.get(target.endpointId);
    if (kept && isSame(kept.target, target)) return kept.token;
    const token = makeFlowToken(target, this.#keys[0]!);
    this.#made.set(target.endpointId, { target, token });
    return token;
  }

  /** Undefined for one that is forged. */
  read(token: string): FlowTokenTarget | undefined {
    this.#followKeys();
    const place = new KeyHash().add(token).value;
    const kept = this.#read.get(place);
    if (kept?.token === token) return kept.target;
    const target = readFlowToken(token, this.#keys);
    // A copy: the token is a part of its message, all of which would be kept with it.
    if (target) this.#read.set(place, { target, token: Buffer.from(token, 'latin1').toString('latin1') });
    return target;
  }

  /** What was made with keys that are no longer ours is forgotten with them. */
  #followKeys(): void {
    const keys = this.#current();
    if (keys === this.#keys) return;
    this.#keys = keys;
    this.#made = new RecentMap(MAXIMUM);
    this.#read = new RecentMap(MAXIMUM);
  }
}

function isSame(one: FlowTokenTarget, other: FlowTokenTarget): boolean {
  return (
    one.flow === other.flow &&
    one.frontEndId === other.frontEndId &&
    one.accountId === other.accountId &&
    one.endpointId === other.endpointId &&
    one.instanceHash === other.instanceHash
  );
}
