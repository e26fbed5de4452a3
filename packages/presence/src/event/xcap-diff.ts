export const XCAP_DIFF_TYPE = 'application/xcap-diff+xml';

export interface XcapDiff {
  /** With a slash at its end: `https://…/xcap-root/`. */
  root: string;
  /** `selector` is relative to the root: `resource-lists/users/sip:…/index`. Both entity tags absent: there is none. Tags without quotes. */
  documents: readonly { selector: string; previousEtag?: string; newEtag?: string }[];
}

/** RFC 5874: which documents have changed, without what changed in them. */
export function formatXcapDiff(_diff: XcapDiff): string {
  throw new Error('not yet');
}
