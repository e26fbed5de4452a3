import {
  type EventPackage,
  type RegistrationState,
  type Resource,
  stateOf,
  type WatcherState,
} from '@rollcall/back-end';
import {
  formatDialogInfo,
  formatMessageSummary,
  formatPidf,
  formatReginfo,
  formatWatcherinfo,
  formatXcapDiff,
  type RegistrationContact,
  type Watcher,
} from '@rollcall/presence';
import { EVENT_TYPES } from '../sip/event-packages.ts';

interface DocumentOptions {
  /** Counts the notifications of the subscription: the version of documents that have one. */
  readonly notified: number;
  /** A URL with a slash at its end. */
  readonly xcapRoot: string;
}

/** The document of an event package that says what a watcher is told, in full. */
export function formatDocument(
  event: EventPackage,
  resource: Resource,
  options: DocumentOptions,
): { text: string; contentType: string } {
  return { text: textOf(event, resource, options), contentType: EVENT_TYPES[event] };
}

function textOf(event: EventPackage, resource: Resource, { notified: version, xcapRoot }: DocumentOptions): string {
  const entity = `sip:${resource.address}`;
  switch (event) {
    case 'presence':
      return formatPidf(stateOf(event, resource), { entity });
    case 'dialog':
      return formatDialogInfo(stateOf(event, resource).documents, { entity, version });
    case 'presence.winfo': {
      const watchers = stateOf(event, resource).watchers.map(asWatcher);
      return formatWatcherinfo([{ resource: entity, package: 'presence', watchers }], { version, fullState: true });
    }
    case 'reg': {
      const contacts = stateOf(event, resource).endpoints.map(asContact);
      return formatReginfo([{ aor: entity, id: 'a', contacts }], { version, fullState: true });
    }
    case 'message-summary':
      return formatMessageSummary({ account: entity, waiting: stateOf(event, resource).messages });
    case 'xcap-diff': {
      const { contacts, rules } = stateOf(event, resource);
      const versions = { 'resource-lists': contacts, 'pres-rules': rules };
      const documents = Object.entries(versions)
        .filter(([, version]) => version > 0)
        .map(([usage, version]) => ({ selector: `${usage}/users/${entity}/index`, newEtag: String(version) }));
      return formatXcapDiff({ root: xcapRoot, documents });
    }
  }
}

function asWatcher({ id, watcher, expiresIn }: WatcherState['watchers'][number]): Watcher {
  return { id: `w${id}`, uri: `sip:${watcher}`, status: 'active', event: 'subscribe', expiration: expiresIn };
}

function asContact({
  id,
  uri,
  expiresIn,
  callId,
  cseq,
  instance,
  q,
}: RegistrationState['endpoints'][number]): RegistrationContact {
  return {
    ...{ id: `e${id}`, uri, state: 'active', event: 'registered', expires: expiresIn, callId, cseq },
    ...(instance !== undefined && { instance: instance.replace(/^<|>$/g, '') }),
    ...(q !== undefined && { q: q / 1000 }),
  };
}
