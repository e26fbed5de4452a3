import type { EndpointTarget } from './forwarding.ts';

/** Well below the time after which a sender's front end stores a message, ms. */
const HOLD_MS = 3000;
/** More that wait for one endpoint go on at once. */
const MAXIMUM = 100;

/**
 * Endpoints that this front end is delivering to what waited for them. A message that is sent meanwhile goes there when that
 * is done, so that it overtakes none; or after a while, when the endpoint is slow.
 */
export class Deliveries {
  readonly #underWay = new Map<number, Set<() => void>>();

  /** @returns what ends it */
  begin(endpointId: number): () => void {
    const held = new Set<() => void>();
    this.#underWay.set(endpointId, held);
    return () => {
      if (this.#underWay.get(endpointId) === held) this.#underWay.delete(endpointId);
      for (const go of held) go();
    };
  }

  /** Resolves when the delivery to that endpoint is over, in the order of the calls; undefined when there is none. */
  ahead(endpointId: number): Promise<void> | undefined {
    if (this.#underWay.size === 0) return undefined;
    const held = this.#underWay.get(endpointId);
    if (!held || held.size >= MAXIMUM) return undefined;
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        held.delete(go);
        resolve();
      };
      const timer = setTimeout(go, HOLD_MS);
      held.add(go);
    });
  }

  /** A target that is sent to when the delivery to its endpoint is over. */
  behind(endpointId: number, target: EndpointTarget): EndpointTarget {
    const ahead = this.ahead(endpointId);
    if (!ahead) return target;
    return {
      q: target.q,
      get handedOver() {
        return target.handedOver;
      },
      start(user, maxBreadth) {
        let sent: { cancel(): void } | undefined;
        ahead
          .then(() => {
            sent = target.start(user, maxBreadth);
          })
          .catch((error) => user.transportError(error));
        return { cancel: () => sent?.cancel() };
      },
    };
  }
}
