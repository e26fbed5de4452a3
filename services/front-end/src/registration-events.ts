import { type Bus, decodeRemoval, type EndpointRemoval, publishRemovals } from '@rollcall/back-end';

export interface RegistrationEventsOptions {
  bus: Bus;
  /** What the pool knows this front end by now. */
  frontEndId(): number;
}

type Listener = (removal: EndpointRemoval) => void;

/**
 * What happens to registrations from outside (RFC 3680): tells the front end that holds an endpoint's flow that the endpoint
 * was removed, so that its client can be told. At most a notice: it may be lost, or come twice.
 */
export class RegistrationEvents {
  readonly #options: RegistrationEventsOptions;
  readonly #listeners = new Set<Listener>();
  #unsubscribe: (() => void) | undefined;

  constructor(options: RegistrationEventsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#unsubscribe = this.#options.bus.subscribe('removal', (keys) => {
      for (const key of keys ?? []) this.#heard(decodeRemoval(key));
    });
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  /** After the commit that removed them, wherever their flows are. */
  removed(removals: readonly EndpointRemoval[]): void {
    publishRemovals(this.#options.bus, removals);
  }

  /** Called for endpoints whose flow this front end holds, or held. The function returned ends it. */
  onEndpointRemoved(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #heard(removal: EndpointRemoval | undefined): void {
    if (removal?.frontEndId !== this.#options.frontEndId()) return;
    for (const listener of this.#listeners) listener(removal);
  }
}
