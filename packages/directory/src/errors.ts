export type DirectoryErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'credentials'
  | 'certificate'
  | 'size_limit'
  | 'referral'
  | 'protocol'
  | 'base_missing'
  | 'refused';

/** The directory did not do what it was asked to; the message says what an administrator can do about it. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly code: DirectoryErrorCode;
  /** LDAP's, where it gave one (RFC 4511 §4.1.9). */
  readonly resultCode: number | undefined;

  constructor(code: DirectoryErrorCode, message: string, resultCode?: number) {
    super(message);
    this.code = code;
    this.resultCode = resultCode;
  }
}

/** A result that is not success, as an error. `said` is the server's own text. */
export function resultError(server: string, resultCode: number, said: string): DirectoryError {
  const [code, sentence] = RESULTS[resultCode] ?? ['refused', 'refuses the request'];
  return new DirectoryError(code, `${server} ${sentence} (LDAP result ${resultCode}${quote(said)}).`, resultCode);
}

// RFC 4511 appendix A.2
const RESULTS: Readonly<Record<number, readonly [DirectoryErrorCode, string]>> = {
  3: ['timeout', 'stops the search at its time limit: raise the limit for the bind account'],
  4: [
    'size_limit',
    'stops the search at its size limit: give the bind account a limits line (OpenLDAP: limits dn.exact="…" size=unlimited)',
  ],
  7: ['credentials', 'does not take a simple bind: allow it for the bind account'],
  8: ['refused', 'wants TLS before a password: use ldaps:// or --directory-start-tls'],
  10: ['referral', 'refers to another server: give that server in --directory-url, or another --directory-base'],
  11: ['size_limit', 'stops the search at an administrative limit: raise it for the bind account'],
  12: ['refused', 'does not have a control that the run needs: give the right --directory-kind'],
  13: ['refused', 'wants TLS before a password: use ldaps:// or --directory-start-tls'],
  32: ['base_missing', 'has no entry of that name, or hides it from the bind account: check --directory-base'],
  34: ['base_missing', 'does not take the name: check the spelling of --directory-base and --directory-bind-dn'],
  48: ['credentials', 'does not take a bind of this kind: check --directory-bind-dn'],
  49: ['credentials', 'does not take the bind account: check --directory-bind-dn and --directory-password'],
  50: [
    'refused',
    'does not let the bind account read this: give it the right to (Active Directory: "Replicating Directory Changes" on the domain)',
  ],
  51: ['unreachable', 'is busy'],
  52: ['unreachable', 'is not available'],
};

/** What a socket says when it fails, as an error. */
export function socketError(server: string, error: NodeJS.ErrnoException): DirectoryError {
  if (isCertificateProblem(error)) {
    return new DirectoryError(
      'certificate',
      `${server} shows a certificate that is not taken (${error.message}): renew it, or give its authority in --directory-ca.`,
    );
  }
  return new DirectoryError('unreachable', `${server} cannot be reached (${error.code ?? error.message}).`);
}

export function timeoutError(server: string, milliseconds: number): DirectoryError {
  return new DirectoryError('timeout', `${server} gives no answer within ${milliseconds / 1000} s.`);
}

export function protocolError(server: string, what: string): DirectoryError {
  return new DirectoryError('protocol', `${server} sends what is not LDAP as expected: ${what}.`);
}

/** Codes of OpenSSL's verification, and Node's own (ERR_TLS_CERT_ALTNAME_INVALID). */
function isCertificateProblem(error: NodeJS.ErrnoException): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME|ERR_SSL/.test(error.code ?? '');
}

/** One line of at most 200 characters. */
function quote(said: string): string {
  const line = said.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return line === '' ? '' : `: "${line.slice(0, 200)}"`;
}
