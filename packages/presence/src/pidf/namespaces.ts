export const PIDF = 'urn:ietf:params:xml:ns:pidf';
/** Ours: what a presence document of this pool says beyond the RFCs. */
export const ROLLCALL_PRESENCE = 'urn:rollcall:presence';

/** RFC 4479, and what drafts before it had. */
export const DATA_MODEL = ['urn:ietf:params:xml:ns:pidf:data-model', 'urn:ietf:params:xml:ns:pidf:person'] as const;

/** RFC 4480, drafts before it (eXosip, Asterisk, X-Lite, older phones), and Cisco's. */
export const RPID = [
  'urn:ietf:params:xml:ns:pidf:rpid',
  'urn:ietf:params:xml:ns:pidf:status:rpid',
  'urn:ietf:params:xml:ns:pidf:status:rpid-status',
  'urn:ietf:params:xml:ns:pidf:rpid-status',
  'urn:ietf:params:xml:ns:pidf:rpid-person',
  'urn:ietf:params:xml:ns:pidf:rpid-tuple',
  'urn:cisco:params:xml:ns:pidf:rpid',
] as const;

/** RFC 4482. */
export const CIPID = ['urn:ietf:params:xml:ns:pidf:cipid', 'urn:ietf:params:xml:ns:pidf:status:cipid'] as const;
