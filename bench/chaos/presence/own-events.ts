import { type SipReceived, uriOf } from '@rollcall/test-kit';
import type { PresenceLedger } from './ledger.ts';
import type { Name, PresenceModel } from './model.ts';
import type { PresencePhone } from './phone.ts';
import type { Shown } from './shown.ts';

/** Event packages that an account alone may watch, of itself. */
export const OWN_EVENTS = ['reg', 'presence.winfo', 'message-summary'] as const;

export type OwnEvent = (typeof OWN_EVENTS)[number];

/** What a notification says, by a few patterns. @throws when it is of another event package */
export function readOwn(event: OwnEvent, { body, header }: SipReceived): Shown {
  const [type, read] = READERS[event];
  if (header('Content-Type') !== type) throw new Error(`${header('Content-Type')} for ${event}`);
  return { [event]: read(body) };
}

const READERS: Readonly<Record<OwnEvent, readonly [type: string, read: (body: string) => string]>> = {
  reg: [
    'application/reginfo+xml',
    (body) =>
      inOrder(
        [...body.matchAll(/<contact [^>]*state="active".*?<\/contact>/gs)].map(
          ([contact]) => `${/urn:uuid:[\w-]+/.exec(contact)?.[0]} ${/<uri>([^<]*)</.exec(contact)?.[1]}`,
        ),
      ),
  ],
  'presence.winfo': [
    'application/watcherinfo+xml',
    (body) => inOrder([...body.matchAll(/<watcher [^>]*status="active"[^>]*>sip:([^<]*)</g)].map(([, name]) => name!)),
  ],
  'message-summary': [
    'application/simple-message-summary',
    (body) => /^Pager-Message: (\d+)\/0\r$/m.exec(body)?.[1] ?? body,
  ],
};

interface Known {
  readonly model: PresenceModel;
  readonly ledger: PresenceLedger;
  readonly phones: ReadonlyMap<Name, readonly PresencePhone[]>;
  /** SUBSCRIBEs whose answer was lost, as far as they have made a subscription to presence. */
  readonly unknownWatchers: readonly { watcher: Name; target: Name }[];
  /** By account. */
  readonly waiting: ReadonlyMap<Name, number>;
}

/** What an account is to be told of itself. */
export function ownState(
  { model, ledger, phones, unknownWatchers, waiting }: Known,
  name: Name,
  event: OwnEvent,
  at: number,
): Shown {
  switch (event) {
    case 'reg': {
      const registered = (phones.get(name) ?? []).filter(({ instance }) => model.isRegistered(name, instance, at));
      return { reg: inOrder(registered.map(({ instance, contactUri }) => `${instance} ${uriOf(contactUri ?? '')}`)) };
    }
    case 'presence.winfo': {
      const all = [...ledger.watchers(), ...unknownWatchers];
      const watchers = all.filter(({ target }) => model.isSame(target, name)).map(({ watcher }) => watcher);
      return { 'presence.winfo': inOrder(watchers) };
    }
    case 'message-summary':
      return { 'message-summary': String(waiting.get(name) ?? 0) };
  }
}

function inOrder(values: readonly string[]): string {
  return [...values].sort().join(', ');
}
