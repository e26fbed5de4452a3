import { BriefMap } from './brief-map.ts';

/** What is found by the branch of its request and the method. */
interface Branched {
  readonly branch: string;
  readonly method: string;
  /** Another one whose branch has the same hash. */
  next: this | undefined;
}

/**
 * Client transactions by branch and method. A Map makes every string that it is asked for one of V8's internal ones, which for
 * strings just cut out of a message or put together costs 3% of all CPU; so here a hash is the key.
 */
export class ByBranch<Transaction extends Branched> {
  readonly #byHash = new BriefMap<number, Transaction>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(branch: string, method: string): Transaction | undefined {
    let found = this.#byHash.get(hashOf(branch));
    while (found && !(found.branch === branch && found.method === method)) found = found.next;
    return found;
  }

  add(transaction: Transaction): void {
    const hash = hashOf(transaction.branch);
    transaction.next = this.#byHash.get(hash);
    this.#byHash.set(hash, transaction);
    this.#size++;
  }

  delete(transaction: Transaction): void {
    const hash = hashOf(transaction.branch);
    const first = this.#byHash.get(hash);
    if (first === transaction) {
      this.#size--;
      if (transaction.next) this.#byHash.set(hash, transaction.next);
      else this.#byHash.delete(hash);
      return;
    }
    for (let at = first; at; at = at.next) {
      if (at.next !== transaction) continue;
      at.next = transaction.next;
      this.#size--;
      return;
    }
  }

  /** A copy: what is done with them may delete them. */
  values(): Transaction[] {
    const all: Transaction[] = [];
    for (const first of this.#byHash.values()) {
      for (let at: Transaction | undefined = first; at; at = at.next) all.push(at);
    }
    return all;
  }
}

/** FNV-1a of its end, which is what differs: branches are ours, and random, so nobody can make them collide. */
function hashOf(branch: string): number {
  let hash = 0x811c9dc5;
  for (let at = Math.min(branch.length, 31) - 1; at >= 7; at--) {
    hash = Math.imul(hash ^ branch.charCodeAt(at), 0x01000193);
  }
  return hash >>> 1;
}
