import { bigints, booleans, checkInteger, checkText, integers, smallints, texts } from '../array-parameter.ts';
import type { Connections, Row } from '../connections.ts';
import { checkDigestProof, type DigestProof } from '../credential/digest-proof.ts';
import { checkNonce, type Nonce } from '../credential/nonce.ts';

export interface RegisterRequest {
  /** Whose bindings: an account whose credentials of that version were verified, or the one that a Digest proof is of. */
  account: VerifiedCredentials | DigestProof;
  /** `user@domain`: requests of one account keep their order, however they name it. */
  addressOfRecord: string;
  /** Absent on a flow that has authenticated before. */
  nonce?: Nonce;
  callId: string;
  cseq: number;
  /** `Contact: *` */
  removeAll: boolean;
  /** One for each Contact header value; none, and no removeAll, is a query. When two are the same binding the last counts. */
  changes: readonly BindingChange[];
  maximumEndpoints: number;
  frontEndId: number;
  /** Absent when its connection is gone: then it adds nothing. */
  flow?: string;
  /** 'ip:port' */
  receivedFrom: string;
  /** When the request came, on the clock of `performance.now`: it undoes nothing that was registered elsewhere since then. */
  receivedAt?: number;
  userAgent?: string;
  /** The back end's clock unless a test sets it. */
  now?: Date;
}

export interface VerifiedCredentials {
  accountId: number;
  /** The one under which the credentials were verified. */
  credentialVersion: number;
}

/** What a Digest proof was verified with. */
export interface ProvenCredentials extends VerifiedCredentials {
  /** In hexadecimal digits. */
  ha1: string;
}

export interface BindingChange {
  /** Canonical text of the URI: equal for two URIs that RFC 3261 §19.1.4 holds equal. */
  key: string;
  uri: string;
  /** Seconds; 0 removes. */
  expires: number;
  /** 0 to 1000. */
  q?: number;
  instance?: string;
  /** Counts only with an instance (RFC 5626 §6). */
  regId?: number;
  /** Path header values, RFC 3327. */
  path: readonly string[];
  transport: string;
  /** The Contact header parameters as they came, to be echoed. */
  parameters: string;
}

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

const PARAMETERS = Array.from({ length: 27 }, (_, index) => `$${index + 1}`).join(', ');
const REGISTER = { name: 'register', text: `select * from api.register(${PARAMETERS}, p_ages => $28)` };
const REGISTER_AT = {
  name: 'register_at',
  text: `select * from api.register(${PARAMETERS}, p_ages => $28, p_now => $29)`,
};

/** Throws InvalidValueError for what the back end cannot store. */
export function checkRegisterRequest(request: RegisterRequest): void {
  checkText('Call-ID', request.callId);
  checkText('flow', request.flow);
  checkText('source address', request.receivedFrom);
  checkText('User-Agent', request.userAgent);
  if ('response' in request.account) checkDigestProof(request.account);
  else {
    checkInteger('account id', request.account.accountId, 0, Number.MAX_SAFE_INTEGER);
    checkInteger('credential version', request.account.credentialVersion, 0, 0x7fff_ffff);
  }
  checkInteger('maximum of endpoints', request.maximumEndpoints, 0, 0x7fff_ffff);
  checkInteger('front-end id', request.frontEndId, 0, 0x7fff_ffff);
  checkInteger('CSeq', request.cseq, 0, 0xffff_ffff);
  checkNonce(request.nonce);
  for (const change of request.changes) {
    checkText('binding key', change.key);
    checkText('Contact URI', change.uri);
    checkText('+sip.instance', change.instance);
    checkText('transport', change.transport);
    checkText('Contact parameters', change.parameters);
    for (const path of change.path) checkText('Path', path);
    checkInteger('expires', change.expires, 0, 0x7fff_ffff);
    checkInteger('q', change.q, 0, 1000);
    checkInteger('reg-id', change.regId, 1, 0x7fff_ffff);
  }
}

/** api.register for a batch of distinct accounts; outcomes in the order of the requests. */
export async function register(
  connections: Connections,
  requests: readonly RegisterRequest[],
): Promise<RegisterOutcome[]> {
  const now = requests[0]?.now;
  // Only tests set the time, each its own.
  if (requests.some((request) => request.now?.getTime() !== now?.getTime())) {
    const outcomes: RegisterOutcome[] = [];
    for (const request of requests) outcomes.push(...(await register(connections, [request])));
    return outcomes;
  }
  const values = parameters(requests);
  const call = now ? { ...REGISTER_AT, values: [...values, now] } : { ...REGISTER, values };
  return outcomes(requests.length, await connections.call(call));
}

function parameters(requests: readonly RegisterRequest[]): (Buffer | null)[] {
  const bindings = requests.flatMap((request, index) =>
    distinct(request.changes).map((change) => ({ request: index + 1, change })),
  );
  return [
    bigints(requests, ({ account }) => ('response' in account ? null : account.accountId)),
    integers(requests, ({ account }) => ('response' in account ? null : account.credentialVersion)),
    bigints(requests, (request) => request.nonce?.id),
    bigints(requests, (request) => request.nonce?.count),
    texts(requests, (request) => request.callId),
    bigints(requests, (request) => request.cseq),
    booleans(requests, (request) => request.removeAll),
    integers(requests, (request) => request.maximumEndpoints),
    integers(requests, (request) => request.frontEndId),
    texts(requests, (request) => request.flow),
    texts(requests, (request) => request.receivedFrom),
    texts(requests, (request) => request.userAgent),
    integers(bindings, (binding) => binding.request),
    texts(bindings, ({ change }) => change.key),
    texts(bindings, ({ change }) => change.uri),
    integers(bindings, ({ change }) => change.expires),
    smallints(bindings, ({ change }) => change.q),
    texts(bindings, ({ change }) => change.instance),
    integers(bindings, ({ change }) => change.regId),
    texts(bindings, ({ change }) => change.path.join('\n')),
    texts(bindings, ({ change }) => change.transport),
    texts(bindings, ({ change }) => change.parameters),
    ...proofs(requests),
    integers(requests, ({ receivedAt }) => receivedAt && Math.floor(performance.now() - receivedAt)),
  ];
}

function proofs(requests: readonly RegisterRequest[]): (Buffer | null)[] {
  const list = requests.map(({ account }) => ('response' in account ? account : undefined));
  const none = !list.some((proof) => proof);
  return (['user', 'domain', 'algorithm', 'digested', 'response'] as const).map((name) =>
    none ? null : texts(list, (proof) => proof?.[name]),
  );
}

/** The procedure takes a binding once a request. */
function distinct(changes: readonly BindingChange[]): readonly BindingChange[] {
  if (changes.length < 2) return changes;
  const identity = (change: BindingChange) =>
    change.instance !== undefined && change.regId !== undefined ? `${change.instance} ${change.regId}` : change.key;
  return [...new Map(changes.map((change) => [identity(change), change])).values()];
}

function outcomes(length: number, rows: readonly Row[]): RegisterOutcome[] {
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
