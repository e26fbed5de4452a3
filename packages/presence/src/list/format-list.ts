export const RLMI_TYPE = 'application/rlmi+xml';

export interface ListResource {
  uri: string;
  name?: string;
  /** Of its instance, and with `@` and the list's host behind it the Content-ID of its part: token characters only, unique in the list. */
  cid: string;
  instanceState: 'active' | 'pending' | 'terminated';
  /** Why it is terminated: RFC 6665's reasons, e.g. `noresource`, `rejected`. */
  reason?: string;
  /** Absent: the list says nothing about its state but `instanceState`. */
  body?: string;
  contentType?: string;
}

export interface ListNotification {
  /** Of the list: `sip:…`. */
  uri: string;
  version: number;
  fullState: boolean;
  resources: readonly ListResource[];
}

/** A body of multipart/related with RLMI as its root (RFC 4662 §5). `contentType` names the boundary. */
export function formatList(_list: ListNotification, _boundary: string): { contentType: string; body: Buffer } {
  throw new Error('not yet');
}
