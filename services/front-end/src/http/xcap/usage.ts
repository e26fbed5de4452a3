import type { FrontEnd } from '../../sip/context.ts';
import type { XcapUser } from './authorize-xcap.ts';

/** A user's document, as its rows make it. */
export interface XcapDocument {
  /** Of the rows: the entity tag of the document and of all its parts. */
  version: number;
  /** It is not there: nobody has written it yet, or it has been deleted. */
  removed: boolean;
  /** Made when it is asked for. */
  text(): string;
}

export type ReplaceOutcome =
  | { outcome: 'replaced'; version: number }
  /** Somebody else was quicker. */
  | { outcome: 'conflict' }
  /** RFC 4825 §11.2.10: no such document can be kept. */
  | { outcome: 'refused'; phrase: string }
  | { outcome: 'credentials_changed' };

/** An application usage (RFC 4825 §5) whose documents are rows of the back end. */
export interface XcapUsage {
  readonly auid: string;
  readonly contentType: string;
  /** Of names without a prefix in node selectors. */
  readonly namespace: string;
  find(frontEnd: FrontEnd, user: XcapUser): Promise<XcapDocument>;
  /** The document as GET will show it: what its rows do not keep is not in it. @throws DocumentError */
  kept(document: string): string;
  /**
   * Puts another document in its place. `undefined`: none.
   * @throws DocumentError it does not follow the usage's schema
   */
  replace(
    frontEnd: FrontEnd,
    user: XcapUser,
    document: Buffer | string | undefined,
    expectedVersion: number,
  ): Promise<ReplaceOutcome>;
}
