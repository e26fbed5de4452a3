import type { Flow } from './flow.ts';

/** Which transactions hang on which flow. Flows of UDP never close, so they are left out. */
export class ByFlow<Transaction extends { readonly flow: Flow }> {
  readonly #flows = new Map<string, Set<Transaction>>();

  add(transaction: Transaction): void {
    const { id, reliable } = transaction.flow;
    if (!reliable) return;
    const transactions = this.#flows.get(id);
    if (transactions) transactions.add(transaction);
    else this.#flows.set(id, new Set([transaction]));
  }

  remove(transaction: Transaction): void {
    const { id, reliable } = transaction.flow;
    if (!reliable) return;
    const transactions = this.#flows.get(id);
    if (transactions?.delete(transaction) && transactions.size === 0) this.#flows.delete(id);
  }

  has(flow: Flow): boolean {
    return this.#flows.has(flow.id);
  }

  /** A copy: what is done with them may end them. */
  on(flow: Flow): Transaction[] {
    return [...(this.#flows.get(flow.id) ?? [])];
  }
}
