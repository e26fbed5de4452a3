import {
  formatDialogInfo,
  formatMessageSummary,
  formatPidf,
  formatReginfo,
  formatWatcherinfo,
  formatXcapDiff,
} from '@rollcall/presence';
import { EVENT_TYPES, type EventPackage } from '../sip/event-packages.ts';
import type { NotifiedResource } from './types.ts';

/** The document of an event package that says what a watcher is told, in full. */
export function formatDocument(
  event: EventPackage,
  { address, version, state }: NotifiedResource,
  { xcapRoot }: { xcapRoot: string },
): { text: string; contentType: string } {
  const entity = `sip:${address}`;
  const text = (): string => {
    switch (event) {
      case 'presence':
        return formatPidf(state, { entity });
      case 'dialog':
        return formatDialogInfo(state.documents, { entity, version });
      case 'presence.winfo':
        return formatWatcherinfo([{ resource: entity, package: 'presence', watchers: state.watchers }], {
          version,
          fullState: true,
        });
      case 'reg':
        return formatReginfo([{ aor: entity, id: 'r', contacts: state.contacts }], { version, fullState: true });
      case 'message-summary':
        return formatMessageSummary({ account: entity, waiting: state.waiting });
      case 'xcap-diff':
        return formatXcapDiff({ root: xcapRoot, documents: [] });
    }
  };
  return { text: text(), contentType: EVENT_TYPES[event] };
}
