import { isIP } from 'node:net';
import type { Flow, UdpListener } from '@rollcall/sip';

/** A tick closes its share of the connections. */
const TICK_MS = 100;
/** First the balancer is given the time to notice, so that who is sent away does not come back here. */
const NOTICE_MS = 1000;

/** The connections of this front end, and the requests under way on them. Knows how to let go of them in good order. */
export class OpenFlows {
  readonly #flows = new Map<string, Flow>();
  #udp: Pick<UdpListener, 'flowTo'> | undefined;
  #awaits: (flow: Flow) => boolean = () => false;
  /** Requests under way on a connection. */
  readonly #busy = new Map<Flow, number>();
  #underWay = 0;

  /** Where flows over UDP begin, and who knows what waits for an answer on a flow. */
  use({ udp, awaits }: { udp: Pick<UdpListener, 'flowTo'>; awaits(flow: Flow): boolean }): void {
    this.#udp = udp;
    this.#awaits = awaits;
  }

  opened(flow: Flow): void {
    this.#flows.set(flow.id, flow);
  }

  closed(flow: Flow): void {
    this.#flows.delete(flow.id);
  }

  /** The open flow with that id; `udp:ADDRESS:PORT` is one at any time. Undefined when the connection is gone. */
  find(id: string): Flow | undefined {
    if (!id.startsWith('udp:')) {
      const flow = this.#flows.get(id);
      return flow?.closed ? undefined : flow;
    }
    const colon = id.lastIndexOf(':');
    const [address, port] = [id.slice(4, colon), Number(id.slice(colon + 1))];
    if (isIP(address) === 0 || !(port > 0 && port <= 65_535)) return undefined;
    return this.#udp?.flowTo(address, port);
  }

  /** Follows one request on `flow` until it is answered. */
  async during(flow: Flow, answered: Promise<unknown>): Promise<void> {
    this.#underWay += 1;
    if (flow.reliable) this.#busy.set(flow, (this.#busy.get(flow) ?? 0) + 1);
    try {
      await answered;
    } finally {
      this.#underWay -= 1;
      if (flow.reliable) {
        const left = (this.#busy.get(flow) ?? 1) - 1;
        if (left === 0) this.#busy.delete(flow);
        else this.#busy.set(flow, left);
      }
    }
  }

  /** A request that came over no flow, of HTTP, begins (1) or has its answer (-1). */
  count(change: 1 | -1): void {
    this.#underWay += change;
  }

  closeAll(): void {
    for (const flow of this.#flows.values()) flow.close();
    this.#flows.clear();
  }

  /**
   * Closes the connections evenly over `milliseconds`, those with a request under way, from their client or to it, later
   * than the others, while new requests are still served. So their clients come back elsewhere one after the other, not all at once.
   */
  async closeInSpread(milliseconds: number): Promise<void> {
    if (milliseconds === 0) return;
    const notice = Math.min(NOTICE_MS, milliseconds / 2);
    await pause(notice);
    const [first, begun, time] = [this.#flows.size, performance.now(), milliseconds - notice];
    while (this.#flows.size > 0) {
      const left = 1 - (performance.now() - begun) / time;
      if (left <= 0) return;
      this.#closeDownTo(Math.floor(first * left));
      await pause(TICK_MS);
    }
  }

  /** Resolves when no request is under way, at the latest after `milliseconds`. */
  async idle(milliseconds: number): Promise<void> {
    for (let waited = 0; this.#underWay > 0 && waited < milliseconds; waited += 20) await pause(20);
  }

  #closeDownTo(count: number): void {
    for (const flow of this.#flows.values()) {
      if (this.#flows.size <= count) return;
      if (this.#busy.has(flow) || this.#awaits(flow)) continue;
      flow.close();
      this.#flows.delete(flow.id);
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
