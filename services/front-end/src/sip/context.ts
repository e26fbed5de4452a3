import type { BackEnd, Bus } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';
import type { AttemptLimiter, Flow, NonceIssuer, ServerTransaction, SipRequest, TransactionLayer } from '@rollcall/sip';
import type { Acknowledgements } from '../acknowledgements.ts';
import type { Applications } from '../applications/applications.ts';
import type { DirectoryPasswords } from '../directory-passwords.ts';
import type { OpenFlows } from '../drain.ts';
import type { EventStreams } from '../http/event-streams.ts';
import type { PresenceStreams } from '../http/presence-streams.ts';
import type { Keys } from '../keys.ts';
import type { Lease } from '../lease.ts';
import type { FrontEndMetrics } from '../metrics.ts';
import type { Outbound } from '../outbound.ts';
import type { Outside } from '../outside.ts';
import type { Peers } from '../peers.ts';
import type { Notifier } from '../presence/notifier.ts';
import type { RegistrationEvents } from '../registration-events.ts';
import type { FrontEndSettings } from '../settings.ts';
import type { AccessTokens } from '../token/access-token.ts';
import type { OidcTokens } from '../token/oidc-tokens.ts';
import type { Associations } from './association.ts';
import type { CredentialStore } from './credential-store.ts';
import type { Deliveries } from './deliveries.ts';
import type { Domains } from './domains.ts';
import type { FlowTokens } from './flow-tokens.ts';
import type { PendingRelays } from './pending-relays.ts';
import type { RecentSides } from './recent-sides.ts';

/** What every handler of one front end shares. */
export interface FrontEnd {
  /** Its place in the pool, with its id. */
  readonly lease: Lease;
  readonly settings: FrontEndSettings;
  readonly log: Log;
  readonly metrics: FrontEndMetrics;
  readonly backEnd: BackEnd;
  readonly bus: Bus;
  /** The flows of its clients, by id. */
  readonly flows: OpenFlows;
  /** The other front ends. */
  readonly peers: Peers;
  /** Flows to servers outside the pool. */
  readonly outbound: Outbound;
  readonly outside: Outside;
  readonly recentSides: RecentSides;
  readonly flowTokens: FlowTokens;
  /** What it has handed on for other front ends. */
  readonly relays: PendingRelays;
  /** Endpoints that it delivers to what waited for them. */
  readonly deliveries: Deliveries;
  /** Requests that it sends. */
  readonly transactions: TransactionLayer;
  readonly registrationEvents: RegistrationEvents;
  /** Tells watchers what has changed. */
  readonly notifier: Notifier;
  readonly keys: Keys;
  readonly nonces: NonceIssuer;
  readonly attempts: AttemptLimiter;
  readonly associations: Associations;
  readonly credentials: CredentialStore;
  readonly domains: Domains;
  readonly tokens: AccessTokens;
  /** Of another issuer, where one is trusted. */
  readonly oidc: OidcTokens | undefined;
  /** Where accounts follow a directory. */
  readonly directoryPasswords: DirectoryPasswords | undefined;
  readonly eventStreams: EventStreams;
  readonly presenceStreams: PresenceStreams;
  readonly applications: Applications;
  /** What HTTP clients acknowledge. */
  readonly acknowledgements: Acknowledgements;
  /** Says that the back end could not be reached: every few seconds, not for every request. */
  logOutage(error: unknown): void;
  /** The Service-Route for a client on this flow, where there is one. */
  serviceRoute(flow: Flow): string | undefined;
}

/** One request on its way through the front end. */
export interface RequestContext {
  readonly frontEnd: FrontEnd;
  readonly request: SipRequest;
  readonly transaction: ServerTransaction;
  readonly flow: Flow;
  /** When it came, as `performance.now()` tells. */
  readonly started: number;
}
