import { attribute, escapeText, XML_DECLARATION } from '../xml/write-xml.ts';

export const XCAP_ERROR_TYPE = 'application/xcap-error+xml';

/** RFC 4825 §11.2. `phrase` is for people. */
export interface XcapError {
  condition:
    | 'schema-validation-error'
    | 'not-xml-frag'
    | 'no-parent'
    | 'not-xml-att-value'
    | 'cannot-insert'
    | 'cannot-delete'
    | 'uniqueness-failure'
    | 'constraint-failure'
    | 'not-well-formed'
    | 'not-utf-8'
    | 'extension';
  phrase?: string;
  /**
   * Of no-parent: the closest ancestor that is there, as a node selector with a slash before it, percent-encoded; what stands before
   * `/~~` the caller puts before it. '': not even the root.
   */
  ancestor?: string;
}

/** The body of a 409. */
export function formatXcapError({ condition, phrase, ancestor }: XcapError): string {
  const content = ancestor === undefined ? '' : `<ancestor>${escapeText(ancestor)}</ancestor>`;
  return (
    `${XML_DECLARATION}<xcap-error xmlns="urn:ietf:params:xml:ns:xcap-error"><${condition}${attribute('phrase', phrase)}>${content}` +
    `</${condition}></xcap-error>\n`
  );
}
