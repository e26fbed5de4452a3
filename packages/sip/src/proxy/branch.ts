import type { SipResponse } from '../message/index.ts';
import type { ClientTransactionUser } from '../transaction/index.ts';

/** Where a request may go. */
export interface ForkTarget {
  /** 0 to 1000; higher ones are tried first. */
  readonly q: number;
  /**
   * Forwards the request in a client transaction of its own, with this Max-Breadth (RFC 5393 §5.3.3). The user may be
   * called at once or later. One that throws has failed as a flow does that is gone.
   */
  start(user: ClientTransactionUser, maxBreadth: number): { cancel(): void };
}

/** How one branch ended. */
export interface ForkOutcome<Target extends ForkTarget = ForkTarget> {
  readonly target: Target;
  /** That came; 408 for a timeout, 503 for a transport error (RFC 3261 §8.1.3.1). */
  readonly status: number;
  /** Nobody answered, for this reason. */
  readonly local: 'timeout' | 'transport' | undefined;
}

/** One target that was started, and that ends once. */
export class Branch<Target extends ForkTarget> implements ClientTransactionUser {
  readonly target: Target;
  readonly #host: BranchHost<Target>;
  #transaction: { cancel(): void } | undefined;
  #cancelled = false;

  constructor(target: Target, host: BranchHost<Target>) {
    this.target = target;
    this.#host = host;
  }

  start(maxBreadth: number): void {
    try {
      this.#transaction = this.target.start(this, maxBreadth);
    } catch {
      this.transportError();
    }
    if (this.#cancelled) this.#transaction?.cancel();
  }

  /** May come while it is being started. */
  cancel(): void {
    this.#cancelled = true;
    this.#transaction?.cancel();
  }

  response(response: SipResponse): void {
    this.#host.received(this, response);
  }

  accepted(): ((response: SipResponse) => void) | undefined {
    return this.#host.accepted?.();
  }

  timeout(): void {
    this.#host.ended(this, 408, 'timeout');
  }

  transportError(): void {
    this.#host.ended(this, 503, 'transport');
  }
}

/** What a branch tells. */
export interface BranchHost<Target extends ForkTarget> {
  received(branch: Branch<Target>, response: SipResponse): void;
  ended(branch: Branch<Target>, status: number, local: ForkOutcome['local']): void;
  accepted?: (() => ((response: SipResponse) => void) | undefined) | undefined;
}
