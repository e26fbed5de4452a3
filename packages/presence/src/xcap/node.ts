import type { NodeSelector } from './node-selector.ts';
import type { XcapError } from './xcap-error.ts';

export interface NodeContent {
  /** `application/xcap-el+xml`, `application/xcap-att+xml` or `application/xcap-ns+xml`. */
  contentType: string;
  text: string;
}

/** `document` is the whole document after the change; the application usage has yet to check it (readResourceLists, readPresRules). */
export type NodeChange =
  | { outcome: 'created' | 'replaced' | 'deleted'; document: string }
  /** 404, of DELETE. */
  | { outcome: 'not_found' }
  /** 409 with formatXcapError(error). */
  | { outcome: 'conflict'; error: XcapError };

/** RFC 4825 §7.5, §8.? undefined: 404. @throws {DocumentError} the document itself is none */
export function getNode(_document: string, _selector: NodeSelector): NodeContent | undefined {
  throw new Error('not yet');
}

/** RFC 4825 §8.2: replaces or inserts one element or attribute. `content` is the request's body. */
export function putNode(_document: string, _selector: NodeSelector, _content: Buffer): NodeChange {
  throw new Error('not yet');
}

/** RFC 4825 §8.4. */
export function deleteNode(_document: string, _selector: NodeSelector): NodeChange {
  throw new Error('not yet');
}
