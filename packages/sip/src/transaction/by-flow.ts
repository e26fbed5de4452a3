import type { Flow } from './flow.ts';

/** What hangs on a flow, with its place in that flow's list. */
export interface OnFlow {
  readonly flow: Flow;
  /** Of ByFlow. */
  newer: this | undefined;
  older: this | undefined;
}

/**
 * Which transactions hang on which flow. Flows of UDP never close, so they are left out.
 *
 * A list through the transactions, and not a Set: the tables that a Set leaves behind when it is filled anew hold on to the
 * transactions that were in it (BriefMap says how), and through these to their messages, for the collector to copy.
 */
export class ByFlow<Transaction extends OnFlow> {
  /** The newest of each connection, in a box that stays for as long as the connection does. */
  readonly #flows = new Map<string, { newest: Transaction | undefined }>();

  add(transaction: Transaction): void {
    const { id, reliable } = transaction.flow;
    if (!reliable) return;
    const list = this.#flows.get(id);
    if (!list) {
      this.#flows.set(id, { newest: transaction });
      return;
    }
    transaction.older = list.newest;
    if (list.newest) list.newest.newer = transaction;
    list.newest = transaction;
  }

  /** Does nothing for one that is not on its list any more. */
  remove(transaction: Transaction): void {
    const { flow, newer, older } = transaction;
    if (!flow.reliable) return;
    if (newer) newer.older = older;
    else {
      const list = this.#flows.get(flow.id);
      if (list?.newest !== transaction) return;
      list.newest = older;
      if (!older && flow.closed) this.#flows.delete(flow.id);
    }
    if (older) older.newer = newer;
    transaction.newer = transaction.older = undefined;
  }

  has(flow: Flow): boolean {
    return this.#flows.get(flow.id)?.newest !== undefined;
  }

  /** A copy, oldest first: what is done with them may end them. */
  on(flow: Flow): Transaction[] {
    const all: Transaction[] = [];
    for (let at = this.#flows.get(flow.id)?.newest; at; at = at.older) all.push(at);
    return all.reverse();
  }

  /** As `on`, when the connection is gone and nothing comes to it any more. */
  take(flow: Flow): Transaction[] {
    const all = this.on(flow);
    for (const transaction of all) transaction.newer = transaction.older = undefined;
    this.#flows.delete(flow.id);
    return all;
  }
}
