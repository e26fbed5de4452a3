import type { BackEnd } from '@rollcall/back-end';
import type { PresenceLedger } from './ledger.ts';
import type { Name, PresenceModel } from './model.ts';
import type { PresencePhone } from './phone.ts';
import type { Chance } from './random.ts';
import type { StreamWatcher } from './stream-watcher.ts';

/** Where phones connect to. */
export interface Pool {
  /** host:port of those front ends that live. */
  places(listener: 'tcp' | 'udp' | 'http'): readonly string[];
  /** Now, or a moment ago: not every request is answered. */
  someHung(): boolean;
}

/** An account with its phones; it does one thing after the other. */
export interface Player {
  readonly name: Name;
  readonly user: string;
  readonly domain: string;
  readonly accountId: number;
  readonly credentialVersion: number;
  readonly chance: Chance;
  readonly phones: readonly PresencePhone[];
}

/** What all players share. */
export interface Stage {
  readonly names: readonly Name[];
  readonly domains: readonly string[];
  readonly aliases: readonly Name[];
  readonly model: PresenceModel;
  readonly ledger: PresenceLedger;
  /** By name. */
  readonly phones: ReadonlyMap<Name, readonly PresencePhone[]>;
  readonly streams: readonly StreamWatcher[];
  /** Of an administrator: what the phones have no protocol for. */
  readonly backEnd: BackEnd;
  /** Wakes the front ends up: something of these accounts has changed. */
  tell(accountIds: readonly number[]): void;
  /** Call-IDs of SUBSCRIBEs of which no answer came. */
  readonly lost: Set<string>;
  /** Another number each time. */
  count(): number;
}
