import type { BackEnd, Bus, Keys } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';
import type { Associations, HeldAssociation } from './association.ts';
import type { CredentialStore } from './credential-store.ts';

export interface AccountWatchOptions {
  bus: Bus;
  backEnd: Pick<BackEnd, 'findChangedAccounts'>;
  associations: Associations;
  credentials: CredentialStore;
  log: Log;
  /** Before connections are closed: what is still to be sent on them. */
  beforeEnd(): Promise<void>;
  /** Told for each association that ended. */
  onEnded(): void;
  /** How often every association is looked at, ms. */
  pollMs?: number;
}

const POLL_MS = 10_000;
const BATCH = 1000;
/** A registration that was committed before the change may still be on its way here when the bus tells of the change. */
const LATE_MS = 500;

/**
 * Ends what connections proved of accounts that have been disabled, removed or given another password, and the connections.
 * The bus says when to look; where it is away the poll finds the same. What is true is asked of the back end each time.
 */
export class AccountWatch {
  readonly #options: AccountWatchOptions;
  #unsubscribe: (() => void) | undefined;
  #poll: NodeJS.Timeout | undefined;
  readonly #late = new Set<NodeJS.Timeout>();
  #polling: Promise<void> | undefined;
  #again = false;

  constructor(options: AccountWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#options.bus.subscribe('account', (keys) => this.#heard(keys));
    this.#poll = setInterval(() => this.#pollAll(), this.#options.pollMs ?? POLL_MS);
  }

  /** Resolves when a poll under way has ended. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    clearInterval(this.#poll);
    for (const timer of this.#late) clearTimeout(timer);
    this.#again = false;
    await this.#polling;
  }

  #heard(keys: Keys): void {
    if (!keys) {
      this.#pollAll();
      return;
    }
    for (const account of keys) this.#options.credentials.forget(account);
    void this.#checkAccounts(keys);
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      void this.#checkAccounts(keys);
    }, LATE_MS);
    this.#late.add(timer);
  }

  #checkAccounts(accounts: readonly string[]): Promise<void> {
    return this.#check(accounts.flatMap((account) => this.#options.associations.ofAccount(account)));
  }

  #pollAll(): void {
    if (this.#polling) {
      this.#again = true;
      return;
    }
    this.#polling = this.#check([...this.#options.associations.all()]).finally(() => {
      this.#polling = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.#pollAll();
    });
  }

  async #check(held: readonly HeldAssociation[]): Promise<void> {
    try {
      for (let start = 0; start < held.length; start += BATCH) {
        const changed = await this.#options.backEnd.findChangedAccounts(held.slice(start, start + BATCH));
        if (changed.length > 0)
          await this.#options
            .beforeEnd()
            .catch((error) => this.#options.log.debug({ err: error }, 'watchers were not told of the end'));
        for (const one of changed) this.#end(one);
      }
    } catch (error) {
      // The lease reports a back end that is away; the next poll finds what this one did not.
      this.#options.log.debug({ err: error }, 'changed accounts could not be looked for');
    }
  }

  #end(held: HeldAssociation): void {
    const { associations, credentials, log, onEnded } = this.#options;
    credentials.forget(held.account);
    const outcome = associations.end(held);
    if (outcome === 'gone') return;
    onEnded();
    const source = `${held.flow.remote.address}:${held.flow.remote.port}`;
    log.info({ account: held.account, source, closed: outcome === 'connection_closed' }, 'account changed');
  }
}
