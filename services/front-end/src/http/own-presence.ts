import type { PublishedState, PublishOutcome } from '@rollcall/back-end';
import type { FrontEnd } from '../sip/context.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { findAddress, showAddress } from './address.ts';
import { tokenInvalid } from './authorize.ts';
import { endpointUnknown, findEndpoint } from './find-endpoints.ts';
import { storedInstance } from './instance.ts';
import { Problem } from './problem.ts';
import { type ShownPresence, shownPresence, shownSaid } from './shown-presence.ts';

/** What a client says of its user. */
export interface SaidPresence {
  state?: PublishedState['stated'];
  activity?: string;
  note?: string;
  calendar?: string;
  phone?: string;
  location?: string;
  idle?: boolean;
  idleSince?: string;
  /** Seconds. */
  expires?: number;
}

export type OwnPresence = ShownPresence & { said: ReturnType<typeof shownSaid> };

/** Of a publication of an endpoint, seconds: as over SIP. */
const PUBLICATION = { least: 60, most: 3600 };

/** GET: what one's own access level sees, and what was said by hand. */
export async function findOwnPresence(frontEnd: FrontEnd, holder: TokenHolder): Promise<OwnPresence> {
  const { accountId } = holder;
  const [shown, said] = await Promise.all([
    findPresence(frontEnd, holder, showAddress(holder)),
    frontEnd.backEnd.getPresence({ accountId }),
  ]);
  return { ...shown, said: shownSaid(said) };
}

/** GET of anybody. @throws Problem 404 */
export async function findPresence(frontEnd: FrontEnd, holder: TokenHolder, text: string): Promise<ShownPresence> {
  const target = await findAddress(frontEnd, text);
  if (!target) throw presenceUnknown();
  const { accountId, credentialVersion } = holder;
  const [found] = await frontEnd.backEnd.findPresence({ watcher: { accountId, credentialVersion }, targets: [target] });
  if (found?.outcome !== 'found') throw presenceUnknown();
  return shownPresence(showAddress(target), found.state);
}

/** PUT and DELETE without an instance: by hand, for all endpoints, until it is taken back. */
export async function setPresence(frontEnd: FrontEnd, holder: TokenHolder, said: SaidPresence | null): Promise<void> {
  if (!(await frontEnd.backEnd.sessionHolds(holder))) throw tokenInvalid();
  const { accountId, credentialVersion } = holder;
  const set = await frontEnd.backEnd.setPresence({
    ...{ accountId, credentialVersion, state: said && publishedState(said) },
    ...(said?.expires !== undefined && { expires: said.expires }),
  });
  if (set.outcome === 'credentials_changed') throw tokenInvalid();
  if (set.changed) frontEnd.notifier.changed([accountId]);
}

export interface PublishRequest {
  instance: string;
  /** Of If-Match. */
  etag: string | undefined;
  /** Null: it is removed. */
  said: SaidPresence | null;
}

/** PUT and DELETE with an instance: the publication of that endpoint (RFC 3903), which ends with it. */
export async function publishPresence(
  frontEnd: FrontEnd,
  holder: TokenHolder,
  { instance, etag, said }: PublishRequest,
): Promise<{ etag: string; expires: number } | undefined> {
  if (!(await frontEnd.backEnd.sessionHolds(holder))) throw tokenInvalid();
  // A publication of nothing that is registered would count as an endpoint of its own.
  if (said) await findEndpoint(frontEnd, holder, instance);
  const { accountId, credentialVersion, user, domain } = holder;
  const stored = storedInstance(instance);
  const published = await frontEnd.backEnd.publish({
    actor: { accountId, credentialVersion },
    ...{ target: { user, domain }, event: 'presence', instance: stored, expires: said ? expiresOf(said) : 0 },
    ...(etag !== undefined && { etag }),
    ...(said && { state: publishedState(said) }),
  });
  if (published.outcome !== 'published') throw refused(published);
  if (published.changed) frontEnd.notifier.changed([accountId]);
  return said ? { etag: published.etag, expires: published.expires } : undefined;
}

function refused({ outcome }: Exclude<PublishOutcome, { outcome: 'published' }>): Problem {
  switch (outcome) {
    case 'no_match':
      return new Problem(412, 'publication-unknown', {
        detail: 'The endpoint has no publication with this entity tag',
      });
    case 'unknown':
    case 'moved':
      return endpointUnknown();
    case 'credentials_changed':
    case 'disabled':
    case 'not_own_address':
      return tokenInvalid();
  }
}

function expiresOf({ expires = PUBLICATION.most }: SaidPresence): number {
  if (expires >= PUBLICATION.least) return Math.min(expires, PUBLICATION.most);
  const detail = `expires must be at least ${PUBLICATION.least} seconds`;
  throw new Problem(422, 'expiry-too-brief', { detail, more: { minExpires: PUBLICATION.least } });
}

function publishedState({ state, expires: _, ...rest }: SaidPresence): PublishedState {
  return { open: true, ...(state !== undefined && { stated: state }), ...rest };
}

function presenceUnknown(): Problem {
  return new Problem(404, 'account-unknown', { detail: 'There is no such account' });
}
