import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import {
  type ClientTransactionUser,
  type ForkTarget,
  forwardedRequest,
  type Hop,
  locate,
  nextHop,
  type SipUri,
} from '@rollcall/sip';
import type { FrontEnd } from './sip/context.ts';
import { dialogRoute, type Forwarding, sendTo } from './sip/forwarding.ts';
import { isTrusted } from './sip/sender.ts';
import { staticRoute } from './static-routes.ts';

type Needs = Pick<FrontEnd, 'settings' | 'outbound' | 'transactions' | 'keys'>;

/** The side of a dialog that is no account of the pool. */
const NOBODY = { accountId: 0, endpointId: 0, instanceHash: '' };

/** Servers outside of the pool: only those that the operator has named, or everybody that DNS finds when that was wanted. */
export class Outside {
  readonly #frontEnd: Needs;

  constructor(frontEnd: Needs) {
    this.#frontEnd = frontEnd;
  }

  serves(host: string): boolean {
    const { route, resolve } = this.#frontEnd.settings;
    return resolve || staticRoute(route, host) !== undefined;
  }

  /** A target of RFC 3261 §16.6 step 7, with the failover of RFC 3263 §4.3: the next server gets it when one fails. */
  target(forwarding: Forwarding, uri: SipUri): ForkTarget {
    return {
      q: 1000,
      start: (user, maxBreadth) => {
        const next = staticRoute(this.#frontEnd.settings.route, uri.host) ?? uri;
        const attempts = new Attempts(this.#frontEnd, { forwarding, maxBreadth, name: next.host, user });
        locate(next, dns, Math.random).then(
          (hops) => attempts.start(hops),
          (error) => user.transportError(error),
        );
        return attempts;
      },
    };
  }

  /** For a request of a dialog with one outside, to where that one said that it is; undefined to anybody else. */
  dialogTarget(forwarding: Forwarding): ForkTarget | undefined {
    const next = nextHop(forwarding.request);
    if (next.uri.kind !== 'sip' || !this.#mayBeInDialog(next.uri)) return undefined;
    return this.target({ ...forwarding, request: next.request }, next.uri);
  }

  /** The ACK of a 2xx, which has no transaction. @throws when no server is there */
  async acknowledge(forwarding: Forwarding): Promise<void> {
    const { request, uri } = nextHop(forwarding.request);
    if (uri.kind !== 'sip' || !this.#mayBeInDialog(uri)) return;
    const { settings, outbound, transactions } = this.#frontEnd;
    const next = staticRoute(settings.route, uri.host) ?? uri;
    const name = isIP(next.host) > 0 ? undefined : next.host;
    const copy = forwardedRequest(request, { remove: forwarding.remove });
    for (const hop of await locate(next, dns, Math.random)) {
      const flow = await outbound.flow({ ...hop, name }).catch(() => undefined);
      if (flow) return transactions.send(copy, flow);
    }
    throw new Error(`no server of ${next.host} to be reached`);
  }

  /** A trusted network, a server that routes lead to, or whoever may be called anyway. What a maddr says counts (RFC 3263 §4). */
  #mayBeInDialog(uri: SipUri): boolean {
    const host = uri.parameters.text('maddr') ?? uri.host;
    const address = host.replace(/^\[|\]$/g, '');
    if (isIP(address) > 0 && isTrusted(this.#frontEnd, address)) return true;
    const routes = [...(this.#frontEnd.settings.route?.values() ?? [])];
    return routes.some((route) => route.host === host) || this.serves(uri.host);
  }
}

interface AttemptsOptions {
  forwarding: Forwarding;
  maxBreadth: number;
  /** Of the server, for its certificate. */
  name: string;
  user: ClientTransactionUser;
}

/** One hop after the other, until one answers. */
class Attempts {
  readonly #frontEnd: Needs;
  readonly #options: AttemptsOptions;
  readonly #name: string;
  readonly #user: ClientTransactionUser;
  #cancelled = false;
  #current: { cancel(): void } | undefined;

  constructor(frontEnd: Needs, options: AttemptsOptions) {
    this.#frontEnd = frontEnd;
    this.#options = options;
    this.#name = options.name;
    this.#user = options.user;
  }

  start([hop, ...others]: readonly Hop[]): void {
    if (!hop || this.#cancelled) {
      this.#user.transportError(new Error(`no server of ${this.#name} to be reached`));
      return;
    }
    const next = (orElse: () => void) => (others.length > 0 && !this.#cancelled ? this.start(others) : orElse());
    this.#current = this.#send(hop, {
      // RFC 3263 §4.3: 503, a timeout or a failed transport is a reason to try the next one.
      response: (response) =>
        response.status === 503 ? next(() => this.#user.response(response)) : this.#user.response(response),
      timeout: () => next(() => this.#user.timeout()),
      transportError: (error) => next(() => this.#user.transportError(error)),
    });
  }

  cancel(): void {
    this.#cancelled = true;
    this.#current?.cancel();
  }

  #send(hop: Hop, user: ClientTransactionUser): { cancel(): void } {
    const { settings, keys, outbound, transactions } = this.#frontEnd;
    const { forwarding, maxBreadth } = this.#options;
    const { request, remove, add, mark, makesDialog } = forwarding;
    const flow = outbound.flow({ ...hop, name: isIP(this.#name) > 0 ? undefined : this.#name });
    return sendTo(
      flow.then((open) => ({ flow: open, add: [] })),
      user,
      (found) => {
        const route = makesDialog ? [dialogRoute({ settings, keys }, request, found.flow, NOBODY)] : [];
        const set = [['Max-Breadth', String(maxBreadth)] as const];
        const copy = forwardedRequest(request, { remove, set, prepend: [...route, ...add] });
        return transactions.request(copy, found.flow, user, { mark });
      },
    );
  }
}
