import type { AddressOfRecord } from '../account/address-of-record.ts';
import { bigints, checkInteger, checkText, integers, texts } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { InvalidValueError } from '../errors.ts';
import type { VerifiedCredentials } from '../registration/register-request.ts';
import type { PublishedState } from './state.ts';

/** Who acts: an account whose credentials were verified, or (in a trusted network) the one that has this address. */
export type Actor = VerifiedCredentials | AddressOfRecord;

export interface PublishRequest {
  actor: Actor;
  /** Must be an address of the actor's. */
  target: AddressOfRecord;
  event: 'presence' | 'dialog';
  /** Of the publication that is to be refreshed, changed or removed; absent: a new one. */
  etag?: string;
  /** Absent: a refresh, or, with expires 0, a removal. */
  state?: PublishedState | { document: string };
  /** Seconds; 0 removes. */
  expires: number;
  /** Finds the endpoint that the publication belongs to, and ends with. */
  flow?: {
    frontEndId: number;
    flow: string;
    /** Of a connection: the endpoint that has registered on it, even if it is on another by now. */
    endpointId?: number;
  };
  /** The same, for HTTP endpoints. */
  instance?: string;
  now?: Date;
}

export type PublishOutcome =
  /** `changed`: notifications are due: publish the account's id on the bus, topic `presence`. */
  | { outcome: 'published'; accountId: number; etag: string; expires: number; changed: boolean }
  /** 412: no publication has this entity tag. */
  | { outcome: 'no_match' }
  /** The endpoint has left the connection for another one: a new publication is not stored. */
  | { outcome: 'moved' }
  /** The actor's password or state has changed since its credentials were verified. */
  | { outcome: 'credentials_changed' }
  | { outcome: 'not_own_address' }
  /** No such account. */
  | { outcome: 'unknown' }
  | { outcome: 'disabled' };

const PUBLISH = {
  name: 'publish',
  text: 'select * from api.publish($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)',
};
const PUBLISH_AT = { name: 'publish_at', text: PUBLISH.text.replace('$15', '$15, $16') };

const ETAG = /^([0-9a-f]{1,13})\.([0-9a-f]{1,7})$/;

/** Throws InvalidValueError for what the back end cannot store. */
export function checkPublishRequest({ actor, target, state, expires, flow, instance }: PublishRequest): void {
  checkActor(actor);
  checkText('user', target.user);
  checkText('domain', target.domain);
  checkState(state);
  checkInteger('expires', expires, 0, 0x7fff_ffff);
  checkInteger('front-end id', flow?.frontEndId, 0, 0x7fff_ffff);
  checkText('flow', flow?.flow);
  checkInteger('endpoint id', flow?.endpointId, 0, Number.MAX_SAFE_INTEGER);
  checkText('instance', instance);
}

export function checkActor(actor: Actor): void {
  if ('user' in actor) {
    checkText('user', actor.user);
    checkText('domain', actor.domain);
  } else {
    checkInteger('account id', actor.accountId, 0, Number.MAX_SAFE_INTEGER);
    checkInteger('credential version', actor.credentialVersion, 0, 0x7fff_ffff);
  }
}

/** Bytes of the largest document of a dialog, and what a reader leaves of a presence document. */
const STATE_BYTES = 60_000;

export function checkState(state: object | null | undefined): void {
  const text = JSON.stringify(state ?? {});
  if (/\\u(?:0000|d[89a-f][0-9a-f]{2})/i.test(text))
    throw new InvalidValueError('the state is not text that can be stored');
  if (Buffer.byteLength(text) > STATE_BYTES) throw new InvalidValueError('the state is too long');
}

/** api.publish for a batch (RFC 3903 §6); outcomes in the order of the requests. */
export async function publish(
  connections: Connections,
  requests: readonly PublishRequest[],
): Promise<PublishOutcome[]> {
  const now = requests[0]?.now;
  // Only tests set the time, each its own.
  if (requests.some((request) => request.now?.getTime() !== now?.getTime())) {
    const outcomes: PublishOutcome[] = [];
    for (const request of requests) outcomes.push(...(await publish(connections, [request])));
    return outcomes;
  }
  const values = parameters(requests);
  const rows = await connections.call(now ? { ...PUBLISH_AT, values: [...values, now] } : { ...PUBLISH, values });
  const outcomes = new Array<PublishOutcome>(requests.length);
  for (const row of rows) {
    const [request, outcome, accountId, id, version, changed] = row as [
      ...[number, PublishOutcome['outcome'], number, number | null, number | null, boolean],
    ];
    const { expires } = requests[request - 1]!;
    outcomes[request - 1] =
      outcome === 'published'
        ? { outcome, accountId, etag: `${id!.toString(16)}.${version!.toString(16)}`, expires, changed }
        : { outcome };
  }
  return outcomes;
}

function parameters(requests: readonly PublishRequest[]): Buffer[] {
  const verified = requests.map(({ actor }) => ('user' in actor ? undefined : actor));
  const named = requests.map(({ actor }) => ('user' in actor ? actor : undefined));
  // What is no entity tag of ours matches none.
  const etags = requests.map(({ etag }) => (etag === undefined ? undefined : (ETAG.exec(etag) ?? ['', '0', '0'])));
  return [
    bigints(verified, (actor) => actor?.accountId),
    integers(verified, (actor) => actor?.credentialVersion),
    texts(named, (actor) => actor?.user),
    texts(named, (actor) => actor?.domain),
    texts(requests, ({ target }) => target.user),
    texts(requests, ({ target }) => target.domain),
    texts(requests, ({ event }) => event),
    bigints(etags, (etag) => etag && Number.parseInt(etag[1]!, 16)),
    integers(etags, (etag) => etag && Number.parseInt(etag[2]!, 16)),
    texts(requests, ({ state }) => state && JSON.stringify(state)),
    integers(requests, ({ expires }) => expires),
    integers(requests, ({ flow }) => flow?.frontEndId),
    texts(requests, ({ flow }) => flow?.flow),
    bigints(requests, ({ flow }) => flow?.endpointId),
    texts(requests, ({ instance }) => instance),
  ];
}
