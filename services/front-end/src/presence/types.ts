// Until packages/back-end has them: the shapes of the procedures of presence.

export interface PublishedState {
  open: boolean;
  stated?: 'available' | 'busy' | 'do-not-disturb' | 'be-right-back' | 'away' | 'offline';
  activity?: string;
  idle?: boolean;
  idleSince?: string;
  note?: string;
  calendar?: string;
  phone?: string;
  location?: string;
  services?: { id: string; contact?: string; priority?: number; xml?: string }[];
  person?: { displayName?: string; card?: string; homepage?: string; icon?: string; map?: string; sound?: string };
}

export interface PresenceState {
  availability: number;
  activity?: string;
  note?: string;
  calendar?: string;
  phone?: string;
  location?: string;
  idleSince?: string;
  services?: PublishedState['services'];
  person?: PublishedState['person'];
}

export interface SubscriptionName {
  accountId: number;
  id: number;
}

export interface NotifiedResource {
  accountId: number;
  /** user@domain */
  address: string;
  name?: string;
  level: string;
  version: number;
  /** The same object for all watchers of one (account, event, level). */
  state: unknown;
}

export interface Notification {
  accountId: number;
  subscriptionId: number;
  event: string;
  eventId?: string;
  isList: boolean;
  full: boolean;
  version: number;
  cseq: number;
  expiresIn: number;
  reason?: string;
  dialog: {
    callId: string;
    localTag: string;
    remoteTag: string;
    localUri: string;
    remoteUri: string;
    localTarget: string;
    remoteTarget: string;
    routeSet: string[];
  };
  place: { transport: string; flow: string; receivedFrom: string };
  resources: NotifiedResource[];
}

export type Actor =
  | { readonly accountId: number; readonly credentialVersion: number }
  | { readonly user: string; readonly domain: string }
  | { readonly watcher: string };

export interface PublishRequest {
  actor: Exclude<Actor, { watcher: string }>;
  target: { user: string; domain: string };
  event: 'presence' | 'dialog';
  etag?: string;
  state?: PublishedState | { document: string };
  expires: number;
  flow?: { frontEndId: number; flow: string };
}

export interface RequestedDialog {
  callId: string;
  localTag?: string;
  remoteTag: string;
  localUri: string;
  remoteUri: string;
  localTarget: string;
  remoteTarget: string;
  routeSet: string[];
  remoteCseq: number;
}

export type SubscribeOutcome =
  | { outcome: 'subscribed'; accountId: number; subscriptionId: number; localTag: string }
  | { outcome: 'ended'; notification: Notification }
  | {
      outcome:
        | 'unknown'
        | 'disabled'
        | 'credentials_changed'
        | 'not_own_address'
        | 'no_dialog'
        | 'out_of_order'
        | 'too_many'
        | 'forbidden';
    };
