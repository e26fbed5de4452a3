import { isIP } from 'node:net';
import { instanceHash } from '@rollcall/back-end';
import { type ClientTransactionUser, forwardedRequest, type Hop, type SipResponse } from '@rollcall/sip';
import type { OutsideNeeds } from './outside.ts';
import type { UnreachableHops } from './outside-hops.ts';
import { dialogRoute, type EndpointName, type Forwarding, sendTo } from './sip/forwarding.ts';
import { isTrusted } from './sip/sender.ts';

/** How long a server may leave an INVITE without any answer while another one could be asked, ms. Timer B would be 32 s. */
const PATIENCE_MS = 4000;

/** One server after the other, until one answers. */
export class Attempts {
  readonly #frontEnd: OutsideNeeds;
  readonly #unreachable: UnreachableHops;
  readonly #forwarding: Forwarding;
  readonly #name: string;
  readonly #user: ClientTransactionUser;
  readonly #maxBreadth: number;
  #cancelled = false;
  #current: { cancel(): void } | undefined;

  constructor(
    frontEnd: OutsideNeeds,
    unreachable: UnreachableHops,
    forwarding: Forwarding,
    name: string,
    user: ClientTransactionUser,
    maxBreadth: number,
  ) {
    this.#frontEnd = frontEnd;
    this.#unreachable = unreachable;
    this.#forwarding = forwarding;
    this.#name = name;
    this.#user = user;
    this.#maxBreadth = maxBreadth;
  }

  start([hop, ...others]: readonly Hop[]): void {
    if (!hop || this.#cancelled) {
      this.#user.transportError(new Error(`no server of ${this.#name} to be reached`));
      return;
    }
    const isInvite = this.#forwarding.request.method === 'INVITE';
    let over = false;
    const end = (orElse: () => void) => {
      if (over) return;
      over = true;
      clearTimeout(patience);
      if (others.length > 0 && !this.#cancelled) this.start(others);
      else orElse();
    };
    const patience =
      isInvite && others.length > 0 ? setTimeout(() => this.#giveUp(hop, end), PATIENCE_MS).unref() : undefined;
    const current = this.#send(hop, {
      response: (response) => {
        clearTimeout(patience);
        this.#unreachable.remove(hop);
        // RFC 3263 §4.3: 503, a timeout or a failed transport is a reason to try the next one.
        if (response.status === 503) end(() => this.#user.response(response));
        else if (!over || isSuccess(response)) this.#user.response(response);
      },
      accepted: () => this.#user.accepted?.(),
      timeout: () => {
        this.#unreachable.add(hop);
        // RFC 4321 §1.2: whoever sent anything else than an INVITE has stopped waiting by now.
        if (isInvite) end(() => this.#user.timeout());
        else if (!over) this.#user.timeout();
      },
      transportError: (error) => {
        if (!this.#cancelled) this.#unreachable.add(hop);
        end(() => this.#user.transportError(error));
      },
    });
    // One that failed at once has been followed by another.
    if (!over) this.#current = current;
  }

  cancel(): void {
    this.#cancelled = true;
    this.#current?.cancel();
  }

  /** It is cancelled, so that not two of them ring; its 2xx would still be passed on. */
  #giveUp(hop: Hop, end: (orElse: () => void) => void): void {
    if (this.#cancelled) return;
    const given = this.#current;
    this.#unreachable.add(hop);
    end(() => {});
    given?.cancel();
  }

  #send(hop: Hop, user: ClientTransactionUser): { cancel(): void } {
    const { settings, keys, outbound, transactions } = this.#frontEnd;
    const { request, remove, add, mark, makesDialog, withheld = [] } = this.#forwarding;
    const flow = outbound.flow({ ...hop, name: nameOf(this.#name) });
    return sendTo(
      flow.then((open) => ({ flow: open, add: [] })),
      user,
      (found) => {
        const route = makesDialog
          ? [dialogRoute({ settings, keys }, request, found.flow, outsideSide(hop.host)).line]
          : [];
        // RFC 3325 §5: whom the operator trusts gets to know who it is, and keeps it to itself.
        const identity = isTrusted(this.#frontEnd, hop.host) ? withheld : [];
        const set = [['Max-Breadth', String(this.#maxBreadth)] as const];
        const copy = forwardedRequest(request, { remove, set, prepend: [...route, ...add, ...identity] });
        return transactions.request(copy, found.flow, user, { mark });
      },
    );
  }
}

/** The side of a dialog that is no account of the pool: known by the address that the request went to. */
function outsideSide(address: string): EndpointName {
  return { accountId: 0, endpointId: 0, instanceHash: instanceHash(address) };
}

/** Whom a certificate has to name: a server that is given by its address is known by that. */
export function nameOf(host: string): string | undefined {
  return isIP(host.replace(/^\[|\]$/g, '')) > 0 ? undefined : host;
}

function isSuccess({ status }: SipResponse): boolean {
  return status >= 200 && status < 300;
}
