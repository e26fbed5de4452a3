/** What a request says; whatever is left out is what an ordinary softphone would send. */
export interface SipRequestOptions {
  method?: string;
  uri?: string;
  from?: string;
  to?: string;
  callId?: string;
  /** Default: the one after the last. */
  cseq?: number;
  branch?: string;
  via?: string;
  /** One Contact header field line each; default: none, which makes a REGISTER a query. */
  contacts?: readonly string[];
  /** The Expires header field. */
  expires?: number | string;
  /** The Supported header field. */
  supported?: string;
  headers?: readonly (readonly [name: string, value: string])[];
  body?: string;
}
