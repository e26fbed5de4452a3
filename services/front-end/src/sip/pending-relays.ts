import { randomBytes } from 'node:crypto';
import {
  cseq,
  type Flow,
  formatMessage,
  MAGIC_COOKIE,
  relayedResponse,
  type SipRequest,
  type SipResponse,
} from '@rollcall/sip';
import { answer } from './answer.ts';

interface Pending {
  readonly request: SipRequest;
  readonly peer: Flow;
  readonly since: number;
}

/** After this a request waits for no answer, INVITE or not (RFC 3261 timers C and F), ms. */
const PATIENCE_MS = 240_000;
const SWEEP_MS = 30_000;
/** More that wait on one connection are not followed: they end when their front end loses patience. */
const MAXIMUM = 1000;

/**
 * Requests handed on over connections of clients and not answered yet. When such a connection breaks, the front end that has the
 * transaction is told at once, and need not wait for its timers. Nothing depends on it otherwise.
 */
export class PendingRelays {
  /**
   * What a branch begins with that names the connection which its response is for. Unguessable: a stranger's responses are to
   * reach no internal connection.
   */
  readonly branch = `${MAGIC_COOKIE}-relay-${randomBytes(8).toString('hex')}-`;
  readonly #byFlow = new Map<string, Map<string, Pending>>();
  #timer: NodeJS.Timeout | undefined;

  start(): void {
    this.#timer = setInterval(() => this.#sweep(performance.now() - PATIENCE_MS), SWEEP_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whether requests on a connection wait for an answer. */
  awaits(flow: Flow): boolean {
    return this.#byFlow.has(flow.id);
  }

  sent(branch: string, request: SipRequest, flow: Flow, peer: Flow): void {
    if (!flow.reliable || request.method === 'ACK' || request.method === 'CANCEL') return;
    let onFlow = this.#byFlow.get(flow.id);
    if (!onFlow) {
      onFlow = new Map();
      this.#byFlow.set(flow.id, onFlow);
    }
    if (onFlow.size < MAXIMUM) onFlow.set(`${branch} ${request.method}`, { request, peer, since: performance.now() });
  }

  answered(branch: string, response: SipResponse, flow: Flow): void {
    if (response.status < 200) return;
    const onFlow = this.#byFlow.get(flow.id);
    if (onFlow?.delete(`${branch} ${cseq(response).method}`) && onFlow.size === 0) this.#byFlow.delete(flow.id);
  }

  /** RFC 5626 §5.3.1: 430 for each that waits. */
  flowClosed(flow: Flow): void {
    const onFlow = this.#byFlow.get(flow.id);
    if (!onFlow) return;
    this.#byFlow.delete(flow.id);
    for (const { request, peer } of onFlow.values()) peer.send(formatMessage(relayedResponse(answer(request, 430))));
  }

  #sweep(before: number): void {
    for (const [id, onFlow] of this.#byFlow) {
      for (const [key, { since }] of onFlow) if (since < before) onFlow.delete(key);
      if (onFlow.size === 0) this.#byFlow.delete(id);
    }
  }
}
