import { checkInteger, checkText } from '../array-parameter.ts';
import { checkDigestProof, type DigestProof } from '../credential/digest-proof.ts';
import { checkNonce, type Nonce } from '../credential/nonce.ts';

export interface RegisterRequest {
  /** Whose bindings: an account whose credentials of that version were verified, or the one that a Digest proof is of. */
  account: VerifiedCredentials | DigestProof;
  /** `user@domain`: requests of one account keep their order, however they name it. */
  addressOfRecord: string;
  /** Absent on a flow that has authenticated before. */
  nonce?: Nonce;
  callId: string;
  cseq: number;
  /** `Contact: *` */
  removeAll: boolean;
  /** One for each Contact header value; none, and no removeAll, is a query. When two are the same binding the last counts. */
  changes: readonly BindingChange[];
  maximumEndpoints: number;
  frontEndId: number;
  /** Absent when its connection is gone: then it adds nothing. */
  flow?: string;
  /** 'ip:port' */
  receivedFrom: string;
  /** When the request came, on the clock of `performance.now`: it undoes nothing that was registered elsewhere since then. */
  receivedAt?: number;
  userAgent?: string;
  /** The back end's clock unless a test sets it. */
  now?: Date;
}

export interface VerifiedCredentials {
  accountId: number;
  /** The one under which the credentials were verified. */
  credentialVersion: number;
}

export interface BindingChange {
  /** Canonical text of the URI: equal for two URIs that RFC 3261 §19.1.4 holds equal. */
  key: string;
  uri: string;
  /** Seconds; 0 removes. */
  expires: number;
  /** 0 to 1000. */
  q?: number;
  instance?: string;
  /** Counts only with an instance (RFC 5626 §6). */
  regId?: number;
  /** Path header values, RFC 3327. */
  path: readonly string[];
  transport: string;
  /** The Contact header parameters as they came, to be echoed. */
  parameters: string;
}

/** Throws InvalidValueError for what the back end cannot store. */
export function checkRegisterRequest(request: RegisterRequest): void {
  checkText('Call-ID', request.callId);
  checkText('flow', request.flow);
  checkText('source address', request.receivedFrom);
  checkText('User-Agent', request.userAgent);
  if ('response' in request.account) checkDigestProof(request.account);
  else {
    checkInteger('account id', request.account.accountId, 0, Number.MAX_SAFE_INTEGER);
    checkInteger('credential version', request.account.credentialVersion, 0, 0x7fff_ffff);
  }
  checkInteger('maximum of endpoints', request.maximumEndpoints, 0, 0x7fff_ffff);
  checkInteger('front-end id', request.frontEndId, 0, 0x7fff_ffff);
  checkInteger('CSeq', request.cseq, 0, 0xffff_ffff);
  checkNonce(request.nonce);
  for (const change of request.changes) {
    checkText('binding key', change.key);
    checkText('Contact URI', change.uri);
    checkText('+sip.instance', change.instance);
    checkText('transport', change.transport);
    checkText('Contact parameters', change.parameters);
    for (const path of change.path) checkText('Path', path);
    checkInteger('expires', change.expires, 0, 0x7fff_ffff);
    checkInteger('q', change.q, 0, 1000);
    checkInteger('reg-id', change.regId, 1, 0x7fff_ffff);
  }
}
