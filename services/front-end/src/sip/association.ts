import type { Flow } from '@rollcall/sip';

/** What a flow proved when it authenticated; void once the account's credential version has moved on. */
export interface Association {
  readonly accountId: number;
  readonly credentialVersion: number;
}

/** What a connection has registered. */
export interface RegisteredHere {
  /** Its Contact. */
  readonly uri: string;
  readonly id: number;
  readonly instanceHash: string;
}

/** An association with its place. */
export interface HeldAssociation extends Association {
  readonly flow: Flow;
  /** `user@domain` */
  readonly account: string;
  /** The endpoint that it registered last. */
  registered?: RegisteredHere | undefined;
  /** It has registered more than one. */
  several?: boolean;
  /** False when the back end has refused it: it proves nothing any more, but its flow is still to be ended. */
  readonly trusted: boolean;
}

/** More accounts than this on one connection authenticate each time: a gateway, not a leak. */
const ACCOUNTS_PER_FLOW = 64;

/**
 * The security associations of this front end's connections: a connection that has authenticated as an account is
 * trusted for that account until it closes or the account changes. UDP has no connection, so never any.
 */
export class Associations {
  readonly #byFlow = new Map<Flow, HeldAssociation[]>();
  readonly #byAccount = new Map<string, HeldAssociation[]>();
  /** Other addresses that were used with an account's proof: by flow, then by address, the account. */
  readonly #otherAddresses = new Map<Flow, Map<string, string>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(flow: Flow, account: string): Association | undefined {
    const held = this.#find(flow, account);
    if (!held?.trusted) return undefined;
    const { accountId, credentialVersion } = held;
    return { accountId, credentialVersion };
  }

  /** Remembers what the account has registered on its flow. */
  registered(flow: Flow, account: string, endpoint: RegisteredHere): void {
    const held = this.#find(flow, account);
    if (!held) return;
    if (held.registered && held.registered.id !== endpoint.id) held.several = true;
    held.registered = endpoint;
  }

  /** What the account has registered on this flow: with this Contact, unless it has registered nothing else here. */
  findRegistered(flow: Flow, account: string, uri: string): RegisteredHere | undefined {
    const { registered, several } = this.#find(flow, account) ?? {};
    return !several || registered?.uri === uri ? registered : undefined;
  }

  ofAccount(account: string): readonly HeldAssociation[] {
    return this.#byAccount.get(account) ?? [];
  }

  *all(): Iterable<HeldAssociation> {
    for (const held of this.#byFlow.values()) yield* held;
  }

  /** A flow may have closed while the back end was asked. */
  add(flow: Flow, account: string, { accountId, credentialVersion }: Association): void {
    if (!flow.reliable || flow.closed) return;
    const present = this.#find(flow, account);
    if (present?.trusted && present.accountId === accountId && present.credentialVersion === credentialVersion) return;
    if (present) this.#remove(present);
    if ((this.#byFlow.get(flow)?.length ?? 0) >= ACCOUNTS_PER_FLOW) return;
    this.#add({ flow, account, accountId, credentialVersion, trusted: true });
  }

  /**
   * An account has used another address on this flow, an alias or none of its own: which one is asked of the back end each
   * time, so that an alias ends when it is removed, and with what the account proved.
   */
  addAddress(flow: Flow, address: string, account: string): void {
    if (!this.#find(flow, account)) return;
    const known = this.#otherAddresses.get(flow) ?? new Map<string, string>();
    if (known.size < ACCOUNTS_PER_FLOW) this.#otherAddresses.set(flow, known.set(address, account));
  }

  /** What the account proved that has used this address before. */
  findByAddress(flow: Flow, address: string): Association | undefined {
    const account = this.#otherAddresses.get(flow)?.get(address);
    return account === undefined ? undefined : this.find(flow, account);
  }

  /** The back end has refused it; whoever watches accounts ends it, unless the flow authenticates anew before. */
  distrust(flow: Flow, account: string): void {
    const held = this.#find(flow, account);
    if (!held?.trusted) return;
    this.#remove(held);
    this.#add({ ...held, trusted: false });
  }

  /** Ends an association that was found changed; its connection too, unless it serves another account as well. */
  end(held: HeldAssociation): 'ended' | 'connection_closed' | 'gone' {
    if (this.#find(held.flow, held.account) !== held) return 'gone';
    this.#remove(held);
    if (this.#byFlow.has(held.flow)) return 'ended';
    held.flow.close('account changed');
    return 'connection_closed';
  }

  flowClosed(flow: Flow): void {
    this.#otherAddresses.delete(flow);
    for (const held of this.#byFlow.get(flow) ?? []) this.#remove(held);
  }

  #find(flow: Flow, account: string): HeldAssociation | undefined {
    return flow.reliable ? this.#byFlow.get(flow)?.find((held) => held.account === account) : undefined;
  }

  #add(held: HeldAssociation): void {
    this.#size += 1;
    append(this.#byFlow, held.flow, held);
    append(this.#byAccount, held.account, held);
  }

  #remove(held: HeldAssociation): void {
    this.#size -= 1;
    takeOut(this.#byFlow, held.flow, held);
    takeOut(this.#byAccount, held.account, held);
  }
}

/** Lists are replaced, never changed: whoever reads one may end what is in it. */
function append<Key>(map: Map<Key, HeldAssociation[]>, key: Key, held: HeldAssociation): void {
  map.set(key, [...(map.get(key) ?? []), held]);
}

function takeOut<Key>(map: Map<Key, HeldAssociation[]>, key: Key, held: HeldAssociation): void {
  const rest = map.get(key)?.filter((one) => one !== held) ?? [];
  if (rest.length > 0) map.set(key, rest);
  else map.delete(key);
}
