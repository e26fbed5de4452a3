import { checkInteger, checkText } from '../array-parameter.ts';
import { InvalidValueError } from '../errors.ts';

/** What an access token names: a session of an account, and the version of the credentials that opened it. */
export interface SessionReference {
  accountId: number;
  /** A UUID. */
  sessionId: string;
  credentialVersion: number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Throws InvalidValueError for what the back end cannot store. */
export function checkSession({ accountId, sessionId, credentialVersion }: SessionReference): void {
  checkInteger('account id', accountId, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('credential version', credentialVersion, 0, 0x7fff_ffff);
  checkText('session id', sessionId);
  if (!UUID.test(sessionId)) throw new InvalidValueError('session id is not a UUID');
}
