import { attribute, escapeAttribute, XML_DECLARATION } from '../xml/write-xml.ts';

export const XCAP_DIFF_TYPE = 'application/xcap-diff+xml';

export interface XcapDiff {
  /** With a slash at its end: `https://…/xcap-root/`. */
  root: string;
  /** `selector` is relative to the root: `resource-lists/users/sip:…/index`. Both entity tags absent: there is none. Tags without quotes. */
  documents: readonly { selector: string; previousEtag?: string; newEtag?: string }[];
}

/** RFC 5874 §4: which documents have changed, without what changed in them. */
export function formatXcapDiff({ root, documents }: XcapDiff): string {
  const content = documents
    .map(
      ({ selector, previousEtag, newEtag }) =>
        `<document${attribute('new-etag', newEtag)}${attribute('previous-etag', previousEtag)} sel="${escapeAttribute(selector)}"/>`,
    )
    .join('');
  return `${XML_DECLARATION}<xcap-diff xmlns="urn:ietf:params:xml:ns:xcap-diff" xcap-root="${escapeAttribute(root)}">${content}</xcap-diff>\n`;
}
