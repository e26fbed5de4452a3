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
