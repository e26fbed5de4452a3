export const XCAP_ERROR_TYPE = 'application/xcap-error+xml';

/** RFC 4825 §11.2. `phrase` is for people. */
export interface XcapError {
  condition:
    | 'schema-validation-error'
    | 'not-xml-frag'
    | 'no-parent'
    | 'xml-att-value'
    | 'cannot-insert'
    | 'cannot-delete'
    | 'uniqueness-failure'
    | 'constraint-failure'
    | 'not-well-formed'
    | 'not-utf-8'
    | 'extension';
  phrase?: string;
  /** Of no-parent: the URI of the closest ancestor that is there, made by `ancestorSelector` behind the document's URI. */
  ancestor?: string;
}

/** The body of a 409. */
export function formatXcapError(_error: XcapError): string {
  throw new Error('not yet');
}
