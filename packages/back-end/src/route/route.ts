import type { Connections } from '../connections.ts';
import type { VerifiedCredentials } from '../registration/register.ts';

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
  userAgent?: string;
}

/** Throws InvalidValueError for what cannot be asked. */
export function checkRouteRequest(_request: RouteRequest): void {}

/** api.route for a batch; outcomes in the order of the requests. */
export async function route(_connections: Connections, _requests: readonly RouteRequest[]): Promise<RouteOutcome[]> {
  throw new Error('not yet');
}
