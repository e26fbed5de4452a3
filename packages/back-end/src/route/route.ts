import { hash } from 'node:crypto';
import { bigints, booleans, checkInteger, checkText, integers, texts } from '../array-parameter.ts';
import type { Connections, Row } from '../connections.ts';
import type { VerifiedCredentials } from '../registration/register-request.ts';

export interface RouteRequest {
  /** Whose credentials were verified; absent: a trusted network. */
  caller?: VerifiedCredentials;
  /** `user@domain` that the request says it is from, the user part unescaped, the domain in lower case; '' when unknown. */
  from: string;
  /** `from` is not the name that authenticated: it must be an address or an alias of the caller's account. */
  checkFrom: boolean;
  target: AddressTarget | TemporaryGruuTarget | DialogTarget;
  /** The back end's clock unless a test sets it. */
  now?: Date;
}

/** An address of record or an alias; with `instance` (as in a Contact header, `<urn:uuid:…>`) a public GRUU. */
export interface AddressTarget {
  /** The unescaped user part. */
  user: string;
  /** In lower case. */
  domain: string;
  instance?: string;
}

export interface TemporaryGruuTarget {
  accountId: number;
  endpointId: number;
  incarnation: number;
}

/**
 * The other side of a dialog: by endpoint id, else by instance hash, else by an equal URI, else the only endpoint of the
 * account without an instance. Neither caller nor access rules are asked; a stale endpoint is named when there is no better.
 */
export interface DialogTarget {
  accountId: number;
  endpointId: number;
  /** '' when none. */
  instanceHash: string;
  /** '' when unknown. */
  uri: string;
}

export type RouteOutcome =
  /** `endpoints`: all live ones that are not stale, or the one that a GRUU or a dialog names; may be empty. */
  | { outcome: 'routed'; accountId: number; endpoints: RoutedEndpoint[] }
  /** No such account or alias. */
  | { outcome: 'unknown' }
  | { outcome: 'disabled' }
  /** An access rule of the target's. */
  | { outcome: 'denied' }
  | { outcome: 'not_own_address' }
  /** The caller's account, its password or its state changed since its credentials were verified. */
  | { outcome: 'credentials_changed' };

export interface RoutedEndpoint {
  id: number;
  instance?: string;
  /** The first 8 bytes of the SHA-256 of `instance`, in hexadecimal digits; '' when none. */
  instanceHash: string;
  uri: string;
  transport: string;
  flow: string;
  frontEndId: number;
  /** 'ip:port' */
  receivedFrom: string;
  /** Path header values, RFC 3327. */
  path: string[];
  /** 0 to 1000. */
  q?: number;
  /** When it registered last, in µs since 1970: for `markEndpointStale`. */
  refreshedAt: number;
}

const ROUTE = {
  name: 'route',
  text: 'select * from api.route($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
};
const ROUTE_AT = { name: 'route_at', text: ROUTE.text.replace('$12', '$12, $13') };

/** Throws InvalidValueError for what cannot be asked. */
export function checkRouteRequest({ caller, from, target }: RouteRequest): void {
  checkText('From', from);
  checkInteger('account id', caller?.accountId, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('credential version', caller?.credentialVersion, 0, 0x7fff_ffff);
  if ('user' in target) {
    checkText('user', target.user);
    checkText('domain', target.domain);
    checkText('instance', target.instance);
    return;
  }
  checkInteger('account id', target.accountId, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('endpoint id', target.endpointId, 0, Number.MAX_SAFE_INTEGER);
  if ('incarnation' in target) checkInteger('incarnation', target.incarnation, 0, Number.MAX_SAFE_INTEGER);
  else {
    checkText('instance hash', target.instanceHash);
    checkText('URI', target.uri);
  }
}

/** api.route for a batch; outcomes in the order of the requests. */
export async function route(connections: Connections, requests: readonly RouteRequest[]): Promise<RouteOutcome[]> {
  const now = requests[0]?.now;
  // Only tests set the time, each its own.
  if (requests.some((request) => request.now?.getTime() !== now?.getTime())) {
    const outcomes: RouteOutcome[] = [];
    for (const request of requests) outcomes.push(...(await route(connections, [request])));
    return outcomes;
  }
  const values = parameters(requests);
  const rows = await connections.call(now ? { ...ROUTE_AT, values: [...values, now] } : { ...ROUTE, values });
  return outcomes(requests.length, rows);
}

function parameters(requests: readonly RouteRequest[]): (Buffer | null)[] {
  const address = requests.map(({ target }) => ('user' in target ? target : undefined));
  const named = address.includes(undefined);
  return [
    bigints(requests, ({ caller }) => caller?.accountId),
    integers(requests, ({ caller }) => caller?.credentialVersion),
    texts(requests, ({ from }) => from),
    requests.some(({ checkFrom }) => checkFrom) ? booleans(requests, ({ checkFrom }) => checkFrom) : null,
    texts(address, (target) => target?.user),
    texts(address, (target) => target?.domain),
    address.some((target) => target?.instance !== undefined) ? texts(address, (target) => target?.instance) : null,
    ...(named ? namedTargets(requests) : NO_NAMED_TARGETS),
  ];
}

const NO_NAMED_TARGETS = [null, null, null, null, null];

/** Targets of tokens: what few batches have is not written for all. */
function namedTargets(requests: readonly RouteRequest[]): Buffer[] {
  const gruu = requests.map(({ target }) => ('incarnation' in target ? target : undefined));
  const dialog = requests.map(({ target }) => ('instanceHash' in target ? target : undefined));
  return [
    bigints(requests, ({ target }) => ('accountId' in target ? target.accountId : null)),
    bigints(requests, ({ target }) => ('endpointId' in target ? target.endpointId : null)),
    bigints(gruu, (target) => target?.incarnation),
    texts(dialog, (target) => target?.instanceHash),
    texts(dialog, (target) => target?.uri),
  ];
}

type Routed = Extract<RouteOutcome, { outcome: 'routed' }>;

function outcomes(length: number, rows: readonly Row[]): RouteOutcome[] {
  const outcomes = new Array<RouteOutcome | undefined>(length);
  for (const row of rows) {
    const [request, outcome, accountId, id] = row as [number, RouteOutcome['outcome'], number, number | null];
    if (outcome !== 'routed') {
      outcomes[request - 1] = { outcome };
      continue;
    }
    outcomes[request - 1] ??= { outcome, accountId, endpoints: [] };
    if (id !== null) (outcomes[request - 1] as Routed).endpoints.push(readEndpoint(row));
  }
  return outcomes as RouteOutcome[];
}

function readEndpoint(row: Row): RoutedEndpoint {
  const [, , , id, frontEndId, q, uri, transport, flow, receivedFrom, instance, path, refreshedAt] = row as [
    ...[number, string, number, number, number, number | null, string, string, string, string],
    ...[string | null, string, number],
  ];
  return {
    id,
    instanceHash: instance === null ? '' : instanceHash(instance),
    ...{ uri, transport, flow, frontEndId, receivedFrom, refreshedAt },
    path: path === '' ? [] : path.split('\n'),
    ...(instance !== null && { instance }),
    ...(q !== null && { q }),
  };
}

/** What stands for an instance in tokens: the first 8 bytes of its SHA-256, in hexadecimal digits. */
export function instanceHash(instance: string): string {
  return hash('sha256', instance).slice(0, 16);
}
