import type { SipReceived } from '@rollcall/test-kit';
import type { Name, PresenceModel } from './model.ts';
import { readList } from './read-list.ts';
import { describe, isSame, readShown, type Shown } from './shown.ts';

/** One dialog, as its watcher knows it. */
export interface Watch {
  readonly watcher: Name;
  /** Undefined: the watcher's list. */
  readonly target: Name | undefined;
  /** Waits for its end: the watcher has asked for it, or only asked once. */
  ending: boolean;
  /** Answered with a 2xx. */
  established: boolean;
  ended: boolean;
  cseq: number;
  /** Of the list. */
  version: number | undefined;
  notifications: number;
  /** By address; of a subscription to one account by ''. */
  held: Map<Name, Shown>;
}

/** What watchers have been told; what no watcher must ever be told goes to `broken`. */
export class PresenceLedger {
  readonly #watches = new Map<string, Watch>();
  readonly broken: string[] = [];
  notifications = 0;
  /** NOTIFYs that nobody had asked for, or not any more. */
  unasked = 0;
  lastAt = 0;

  /** Before its SUBSCRIBE is sent: the first NOTIFY may come before the answer. */
  open(callId: string, watcher: Name, target: Name | undefined, ending = false): Watch {
    const watch: Watch = {
      ...{ watcher, target, ending, established: false, ended: false, cseq: 0, version: undefined, notifications: 0 },
      held: new Map(),
    };
    this.#watches.set(callId, watch);
    return watch;
  }

  /** Nobody knows whether it is there: NOTIFYs of it are answered with 481. */
  forget(callId: string): void {
    this.#watches.delete(callId);
  }

  find(callId: string): Watch | undefined {
    return this.#watches.get(callId);
  }

  /** Call-IDs of the subscriptions that live. */
  get live(): string[] {
    return [...this.#watches].flatMap(([callId, { established, ended }]) => (established && !ended ? [callId] : []));
  }

  /** A later one of its dialog has come before. */
  isOvertaken(request: SipReceived): boolean {
    const watch = this.#watches.get(request.header('Call-ID') ?? '');
    return watch !== undefined && Number.parseInt(request.header('CSeq') ?? '', 10) <= watch.cseq;
  }

  /** A NOTIFY has come. @returns false: its watcher knows nothing of it (481) */
  take(request: SipReceived, now: number): boolean {
    const callId = request.header('Call-ID') ?? '';
    const watch = this.#watches.get(callId);
    this.lastAt = now;
    if (!watch || watch.ended) {
      this.unasked += 1;
      return false;
    }
    this.notifications += 1;
    try {
      record(watch, request);
    } catch (error) {
      this.broken.push(
        `${callId} of ${watch.watcher} about ${watch.target ?? 'its list'}: ${(error as Error).message}`,
      );
    }
    return true;
  }

  /** What live watchers hold, and should not. */
  mismatches(model: PresenceModel): string[] {
    return this.live.flatMap((callId) => {
      const { watcher, target, held, cseq } = this.#watches.get(callId)!;
      const wanted = target === undefined ? model.shownList(watcher) : new Map([['', model.shown(watcher, target)]]);
      return [...new Set([...wanted.keys(), ...held.keys()])].flatMap((address) => {
        if (isSame(held.get(address), wanted.get(address))) return [];
        const what = `${watcher} ${target === undefined ? `lists ${address}` : `watches ${target}`}`;
        return [
          `${what} (${callId}, CSeq ${cseq}): holds ${describe(held.get(address))}, not ${describe(wanted.get(address))}`,
        ];
      });
    });
  }
}

/** @throws what is wrong with it */
function record(watch: Watch, request: SipReceived): void {
  const cseq = Number.parseInt(request.header('CSeq') ?? '', 10);
  const gap = cseq !== watch.cseq + 1;
  const before = watch.cseq;
  if (!(cseq > watch.cseq)) throw new Error(`CSeq ${cseq} after ${watch.cseq}`);
  watch.cseq = cseq;
  watch.notifications += 1;
  const state = request.header('Subscription-State') ?? '';
  if (state.startsWith('terminated')) {
    watch.ended = true;
    if (!watch.ending) throw new Error(`ended by the pool: ${state}`);
    if (request.body === '') return;
  } else if (!/^active;expires=\d+$/.test(state)) throw new Error(`Subscription-State: ${state}`);
  if (watch.target !== undefined) {
    watch.held = new Map([['', readShown(request.body)]]);
    return;
  }
  const list = readList(request);
  if (watch.version !== undefined && list.version <= watch.version) {
    throw new Error(`version ${list.version} after ${watch.version}`);
  }
  watch.version = list.version;
  if (!list.full && gap) throw new Error(`only changes in CSeq ${cseq} after ${before}`);
  if (list.full) watch.held = list.resources;
  else for (const [address, shown] of list.resources) watch.held.set(address, shown);
}
