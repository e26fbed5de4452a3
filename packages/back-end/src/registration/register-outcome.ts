import type { Row } from '../connections.ts';
import type { VerifiedCredentials } from './register-request.ts';

export type RegisterOutcome =
  | RegisteredOutcome
  /** The Digest proof does not hold, or there is no such account, or it is disabled. */
  | { outcome: 'wrong_credentials' }
  /** The account, its password or its state changed since the credentials were verified. */
  | { outcome: 'credentials_changed' }
  | { outcome: 'account_disabled' }
  | { outcome: 'nonce_replayed' }
  /** RFC 3261 §10.3 step 7: the same Call-ID set a binding with this or a higher CSeq; or it was set elsewhere since `receivedAt`. */
  | { outcome: 'out_of_order' }
  /** The request alone adds more than `maximumEndpoints`. */
  | { outcome: 'too_many_contacts' };

export interface RegisteredOutcome {
  outcome: 'registered';
  /** All live ones of the account. */
  endpoints: RegisteredEndpoint[];
  /** Those that left. */
  removed: RemovedEndpoint[];
  /** Of a Digest proof. */
  proven?: ProvenCredentials;
  /** Messages wait for the account: `takeMessages`. */
  messagesWaiting: boolean;
  /** Notifications are due: publish the account's id on the bus, topic `presence`. */
  notificationsDue: boolean;
}

/** What a Digest proof was verified with. */
export interface ProvenCredentials extends VerifiedCredentials {
  /** In hexadecimal digits. */
  ha1: string;
}

export interface RegisteredEndpoint {
  id: number;
  uri: string;
  /** Seconds, at least 1. */
  expiresIn: number;
  q?: number;
  instance?: string;
  regId?: number;
  parameters: string;
  /** Another one for each Call-ID: temporary GRUUs of an earlier one are void (RFC 5627 §3.2). */
  incarnation: number;
}

/** `frontEndId`: which front end holds its flow. */
export type RemovedEndpoint = Omit<RegisteredEndpoint, 'expiresIn'> & {
  frontEndId: number;
  flow: string;
  /** `quota`: the account has too many newer ones. `deleted`: the request asked for it. */
  reason: 'quota' | 'deleted';
};

/** Rows of api.register for a batch of `length` requests; one that registered has several. */
export function readOutcomes(length: number, rows: readonly Row[]): RegisterOutcome[] {
  const outcomes = new Array<RegisterOutcome | undefined>(length);
  for (const row of rows) {
    const [request, outcome, id] = row as [number, RegisterOutcome['outcome'] | 'removed' | 'deleted', number | null];
    if (outcome !== 'registered' && outcome !== 'removed' && outcome !== 'deleted') {
      outcomes[request - 1] = { outcome };
      continue;
    }
    outcomes[request - 1] ??= {
      outcome: 'registered',
      endpoints: [],
      removed: [],
      messagesWaiting: false,
      notificationsDue: false,
    };
    const registered = outcomes[request - 1] as RegisteredOutcome;
    const [frontEndId, flow, accountId, credentialVersion, ha1, messagesWaiting, notificationsDue] = row.slice(10) as [
      ...[number, string, number, number, string | null, boolean | null, boolean | null],
    ];
    if (messagesWaiting) registered.messagesWaiting = true;
    if (notificationsDue) registered.notificationsDue = true;
    if (ha1 !== null) registered.proven = { accountId, credentialVersion, ha1 };
    if (id === null) continue;
    const endpoint = readEndpoint(row);
    if (outcome === 'registered') registered.endpoints.push({ ...endpoint, expiresIn: row[4] as number });
    else
      registered.removed.push({ ...endpoint, frontEndId, flow, reason: outcome === 'removed' ? 'quota' : 'deleted' });
  }
  return outcomes as RegisterOutcome[];
}

function readEndpoint(row: Row): Omit<RegisteredEndpoint, 'expiresIn'> {
  const [id, uri] = row.slice(2, 4) as [number, string];
  const [q, instance, regId] = row.slice(5, 8) as [number | null, string | null, number | null];
  const [parameters, incarnation] = row.slice(8, 10) as [string, number];
  return {
    id,
    uri,
    parameters,
    incarnation,
    ...(q !== null && { q }),
    ...(instance !== null && { instance }),
    ...(regId !== null && { regId }),
  };
}
