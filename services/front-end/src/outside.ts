import { isIP } from 'node:net';
import { instanceHash } from '@rollcall/back-end';
import {
  type ClientTransactionUser,
  type DnsResolver,
  type ForkTarget,
  forwardedRequest,
  type Hop,
  locate,
  nextHop,
  type SipRequest,
  type SipUri,
} from '@rollcall/sip';
import { Attempts, nameOf } from './outside-attempts.ts';
import { UnreachableHops } from './outside-hops.ts';
import type { FrontEnd } from './sip/context.ts';
import type { EndpointName, Forwarding } from './sip/forwarding.ts';
import { isTrusted } from './sip/sender.ts';
import { staticRoute } from './static-routes.ts';

export type OutsideNeeds = Pick<FrontEnd, 'settings' | 'outbound' | 'transactions' | 'keys'>;

/** Where a request leaves the pool. */
export interface Way {
  /** As the next hop wants it (RFC 3261 §16.6 step 6). */
  readonly request: SipRequest;
  readonly uri: SipUri;
  /** Which of the addresses that its name has it may go to; all of them when absent. */
  readonly allows?: (address: string) => boolean;
}

/** Servers outside of the pool: only those that the operator has named, or everybody that DNS finds when that was wanted. */
export class Outside {
  readonly #frontEnd: OutsideNeeds;
  readonly #resolver: DnsResolver;
  readonly #unreachable = new UnreachableHops(() => performance.now());

  constructor(frontEnd: OutsideNeeds, resolver: DnsResolver) {
    this.#frontEnd = frontEnd;
    this.#resolver = resolver;
  }

  /** Where a request outside of a dialog goes; undefined: nowhere, since this is no relay for everybody (RFC 3261 §26.2.3). */
  way(request: SipRequest): Way | undefined {
    const next = nextHop(request);
    if (next.uri.kind !== 'sip' || !this.#serves(next.uri.host)) return undefined;
    return { request: next.request, uri: this.#routed(next.uri) };
  }

  /**
   * Where a request in a dialog goes whose other side is no account: to the server that `side` came from, to one that is
   * trusted, or where a request to that name would go. Not wherever its sender likes: who has the token may be anybody.
   */
  dialogWay(received: SipRequest, side: EndpointName): Way | undefined {
    const { request, uri } = nextHop(received);
    if (uri.kind !== 'sip') return undefined;
    const allows = (address: string) =>
      isTrusted(this.#frontEnd, address) || instanceHash(address) === side.instanceHash;
    const address = uri.host.replace(/^\[|\]$/g, '');
    if (isIP(address) > 0 && allows(address)) return { request, uri, allows };
    if (this.#serves(uri.host)) return { request, uri: this.#routed(uri) };
    return isIP(address) > 0 ? undefined : { request, uri, allows };
  }

  /** A target of RFC 3261 §16.6 step 7, with the failover of RFC 3263 §4.3: the next server gets it when one fails. */
  target(forwarding: Forwarding, way: Way): ForkTarget {
    const whole = { ...forwarding, request: way.request };
    return {
      q: 1000,
      start: (user: ClientTransactionUser, maxBreadth: number) => {
        const attempts = new Attempts(this.#frontEnd, this.#unreachable, whole, way.uri.host, user, maxBreadth);
        this.#locate(way).then(
          (hops) => attempts.start(hops),
          (error) => user.transportError(error),
        );
        return attempts;
      },
    };
  }

  /** Sends the ACK of a 2xx, which nobody answers, to the first server that can be reached. @throws when there is none */
  async acknowledge({ request, ...way }: Way, remove: readonly string[]): Promise<void> {
    const { outbound, transactions } = this.#frontEnd;
    let failure: unknown = new Error(`no server of ${way.uri.host} to be reached`);
    for (const hop of await this.#locate({ request, ...way })) {
      try {
        const flow = await outbound.flow({ ...hop, name: nameOf(way.uri.host) });
        transactions.send(forwardedRequest(request, { remove }), flow);
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  async #locate({ uri, allows }: Way): Promise<Hop[]> {
    const hops = await locate(uri, this.#resolver, Math.random);
    return this.#unreachable.last(allows ? hops.filter(({ host }) => allows(host)) : hops);
  }

  #serves(host: string): boolean {
    const { route, resolve } = this.#frontEnd.settings;
    return resolve || staticRoute(route, host) !== undefined;
  }

  #routed(uri: SipUri): SipUri {
    return staticRoute(this.#frontEnd.settings.route, uri.host) ?? uri;
  }
}
