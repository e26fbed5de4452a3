import type { Flow } from '@rollcall/sip';

/** What a flow proved when it authenticated; void once the account's credential version has moved on. */
export interface Association {
  readonly accountId: number;
  readonly credentialVersion: number;
}

/** More accounts than this on one connection authenticate each time: a gateway, not a leak. */
const ACCOUNTS_PER_FLOW = 64;

/**
 * The security associations of this front end's connections: a connection that has authenticated as an account is
 * trusted for that account until it closes or the account changes. UDP has no connection, so never any.
 */
export class Associations {
  readonly #byFlow = new WeakMap<Flow, Map<string, Association>>();

  find(flow: Flow, account: string): Association | undefined {
    return flow.reliable ? this.#byFlow.get(flow)?.get(account) : undefined;
  }

  add(flow: Flow, account: string, association: Association): void {
    if (!flow.reliable) return;
    let accounts = this.#byFlow.get(flow);
    if (!accounts) {
      accounts = new Map();
      this.#byFlow.set(flow, accounts);
    }
    if (accounts.size < ACCOUNTS_PER_FLOW || accounts.has(account)) accounts.set(account, association);
  }

  remove(flow: Flow, account: string): void {
    this.#byFlow.get(flow)?.delete(account);
  }
}
