/** From the one that sees least to the one that sees most; `rollcall access-level list` says what. */
/** From the one that sees least to the one that sees most. */
export const ACCESS_LEVELS = ['blocked', 'public', 'company', 'team', 'personal'] as const;

export type AccessLevel = (typeof ACCESS_LEVELS)[number];

/** Event packages (RFC 6665) of the pool. */
export const EVENTS = ['presence', 'presence.winfo', 'reg', 'dialog', 'message-summary', 'xcap-diff'] as const;

export type EventPackage = (typeof EVENTS)[number];

/** What a user says of themselves: by hand over HTTP, or as activities of the person (RPID, RFC 4480). */
export const STATED = ['available', 'busy', 'do-not-disturb', 'be-right-back', 'away', 'offline'] as const;

/** What one publication says. All text is bounded by who reads it: a note has 1,000 characters at most, others 200, services 8. */
export interface PublishedState {
  /** False: this endpoint is not to be reached (basic closed, RFC 3863). */
  open: boolean;
  stated?: (typeof STATED)[number];
  /** An RPID activity, e.g. on-the-phone, meeting. */
  activity?: string;
  /** Of the device (RPID user-input). */
  idle?: boolean;
  /** ISO 8601. */
  idleSince?: string;
  note?: string;
  calendar?: string;
  /** A tel: URI. */
  phone?: string;
  location?: string;
  services?: PublishedService[];
  /** CIPID (RFC 4482). */
  person?: {
    displayName?: string;
    card?: string;
    homepage?: string;
    icon?: string;
    map?: string;
    sound?: string;
  };
}

export interface PublishedService {
  id: string;
  contact?: string;
  priority?: number;
  /** Further elements as they came, namespaces declared. */
  xml?: string;
}

/**
 * What a level sees of an account. availability: 3000 available, 4500 idle, 6000 busy, 7500 busy and idle, 9000 do not disturb,
 * 12000 be right back, 15000 away, 18000 offline.
 */
export interface PresenceState {
  availability: number;
  activity?: string;
  note?: string;
  calendar?: string;
  phone?: string;
  location?: string;
  idleSince?: string;
  services?: PublishedService[];
  person?: NonNullable<PublishedState['person']>;
}

/** What a blocked watcher sees, and anybody of an account that is not there. */
export const OFFLINE: PresenceState = { availability: 18_000 };

/** Of `reg` (RFC 3680): all live endpoints. */
export interface RegistrationState {
  endpoints: {
    id: number;
    uri: string;
    /** Seconds. */
    expiresIn: number;
    callId: string;
    cseq: number;
    registeredAt: string;
    instance?: string;
    /** 0 to 1000. */
    q?: number;
  }[];
}

/** Of `presence.winfo` (RFC 3857): who watches. */
export interface WatcherState {
  /** `watcher`: user@domain. expiresIn in seconds. */
  watchers: { id: number; watcher: string; expiresIn: number }[];
}

/** Of `dialog` (RFC 4235): the documents as they were published. */
export interface DialogState {
  documents: string[];
}

/** Of `message-summary` (RFC 3842). */
export interface MessageSummaryState {
  /** Stored messages that wait. */
  messages: number;
}

/** Of `xcap-diff` (RFC 5875): the versions of the contact list and of the access rules, the entity tags of their documents; 0: there is none. */
export interface DocumentState {
  contacts: number;
  rules: number;
}

/** By event package. */
export interface EventStates {
  presence: PresenceState;
  'presence.winfo': WatcherState;
  reg: RegistrationState;
  dialog: DialogState;
  'message-summary': MessageSummaryState;
  'xcap-diff': DocumentState;
}

export type EventState = EventStates[EventPackage];
