import type { EventPackage, EventState, EventStates } from '../presence/state.ts';

/** The dialog of a subscription, as the pool sees it (RFC 3261 §12). */
export interface SubscriptionDialog {
  callId: string;
  /** Ours, made by `subscribe`: `readSubscriptionTag`. */
  localTag: string;
  remoteTag: string;
  localUri: string;
  remoteUri: string;
  /** Our Contact. */
  localTarget: string;
  remoteTarget: string;
  /** In the order of Route. */
  routeSet: string[];
}

/** Where a watcher is. */
export interface Place {
  frontEndId: number;
  /** UDP, TCP, TLS, WS, WSS, HTTP. */
  transport: string;
  flow: string;
  /** 'ip:port' */
  receivedFrom: string;
}

/** A notification that is to be sent now. */
export interface Notification {
  /** The watcher's; 0: outside the pool. */
  accountId: number;
  subscriptionId: number;
  /** user@domain */
  watcher: string;
  event: EventPackage;
  eventId?: string | undefined;
  isList: boolean;
  /** user@domain that was subscribed to. */
  target: string;
  /** All resources are here, not just those that have changed. */
  full: boolean;
  /** Counts the notifications of this subscription, from 1. */
  version: number;
  cseq: number;
  dialog: SubscriptionDialog;
  place: Place;
  /** Seconds. */
  expiresIn: number;
  /** ms between two of them (RFC 6446). */
  minInterval: number;
  /** Of a list those that are in the pool; else one. */
  resources: Resource[];
}

export interface Resource {
  accountId: number;
  /** user@domain, as the contact list or the subscription has it. */
  address: string;
  /** Of the contact. */
  name?: string | undefined;
  /** The access level, and 'blocked' too; of events without levels ''. */
  level: string;
  /** Of the state: the same numbers say the same, for all watchers of one (account, event, level). */
  version: number;
  /** One object for all watchers of one (account, event, level) in a batch. */
  state: EventState;
}

/** The state of a resource of this event. */
export function stateOf<Event extends EventPackage>(_event: Event, resource: Resource): EventStates[Event] {
  return resource.state as EventStates[Event];
}

/** A subscription, by its watcher's account. */
export interface SubscriptionReference {
  accountId: number;
  id: number;
}

const TAG = /^rollcall-s\.([0-9a-f]{1,14})\.([0-9a-f]{1,14})\.[0-9a-f]+$/;

/** The subscription whose dialog has this local tag; undefined: it is no tag of a subscription. */
export function readSubscriptionTag(tag: string): SubscriptionReference | undefined {
  const [, accountId, id] = TAG.exec(tag) ?? [];
  if (accountId === undefined || id === undefined) return undefined;
  return { accountId: Number.parseInt(accountId, 16), id: Number.parseInt(id, 16) };
}
