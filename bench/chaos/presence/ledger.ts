import type { SipReceived } from '@rollcall/test-kit';
import { LeftMessages } from './left-messages.ts';
import type { Name, PresenceModel } from './model.ts';
import { type OwnEvent, readOwn } from './own-events.ts';
import { readList } from './read-list.ts';
import { describe, isSame, readShown, type Shown } from './shown.ts';

/** One dialog, as its watcher knows it. */
export interface Watch {
  readonly watcher: Name;
  /** Undefined: the watcher's list. */
  readonly target: Name | undefined;
  readonly event: 'presence' | OwnEvent;
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
  readonly messages = new LeftMessages();
  readonly broken: string[] = [];
  notifications = 0;
  /** NOTIFYs that nobody had asked for, or not any more. */
  unasked = 0;
  lastAt = 0;

  /** Before its SUBSCRIBE is sent: the first NOTIFY may come before the answer. */
  open(
    callId: string,
    watcher: Name,
    target: Name | undefined,
    { ending = false, event = 'presence' as Watch['event'] } = {},
  ): Watch {
    const watch: Watch = {
      ...{
        watcher,
        target,
        event,
        ending,
        established: false,
        ended: false,
        cseq: 0,
        version: undefined,
        notifications: 0,
      },
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

  /** Who watches whom, but by a list. */
  watchers(): { watcher: Name; target: Name }[] {
    return this.live.flatMap((callId) => {
      const { watcher, target, event } = this.#watches.get(callId)!;
      return target !== undefined && event === 'presence' ? [{ watcher, target }] : [];
    });
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

  /**
   * What live watchers hold, and should not.
   * @param at moments: it is well to hold what was so at one of them
   * @param own what an account is to be told of itself
   */
  mismatches(model: PresenceModel, at: readonly number[] = [performance.now()], own?: OwnStates): string[] {
    return this.live.flatMap((callId) => {
      const { watcher, target, event, held, cseq } = this.#watches.get(callId)!;
      const wanted = at.map((moment) => {
        if (event !== 'presence') return new Map([['', own?.(watcher, event, moment)]]);
        if (target !== undefined) return new Map([['', model.shown(watcher, target, moment)]]);
        return model.shownList(watcher, moment);
      });
      const addresses = new Set([...wanted.flatMap((one) => [...one.keys()]), ...held.keys()]);
      return [...addresses].flatMap((address) => {
        if (wanted.some((one) => isSame(held.get(address), one.get(address)))) return [];
        const what = `${watcher} ${target === undefined ? `lists ${address}` : `watches ${event} of ${target}`}`;
        return [
          `${what} (${callId}, CSeq ${cseq}): holds ${describe(held.get(address))}, not ${describe(wanted[0]?.get(address))}`,
        ];
      });
    });
  }
}

type OwnStates = (name: Name, event: OwnEvent, at: number) => Shown;

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
  if (watch.event !== 'presence') {
    watch.held = new Map([['', readOwn(watch.event, request)]]);
    return;
  }
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
