import type { FoundEntry } from './answers.ts';
import type { DirectoryConnection } from './connection.ts';
import type { DirectoryFacts } from './facts.ts';

/** What a kind of source sees; `group`: some group, or something that may have been one, has changed. */
export type Seen =
  | { readonly kind: 'entry'; readonly id: string; readonly entry: FoundEntry }
  | { readonly kind: 'gone'; readonly id: string }
  | { readonly kind: 'group' };

export interface Asked {
  readonly facts: DirectoryFacts;
  readonly attributes: readonly string[];
  readonly groups: readonly string[];
  readonly pageSize: number;
  /** Where the last run ended; undefined: everything is listed. */
  readonly mark: string | undefined;
  /** Told once, before the end, unless the mark stays. */
  setMark(mark: string): void;
}

/** @throws StartOver when only a full run helps */
export type Stream = (connection: DirectoryConnection, asked: Asked) => AsyncGenerator<Seen>;

/** The server does not know any more what has happened since the mark. */
export class StartOver extends Error {
  override readonly name = 'StartOver';
}
