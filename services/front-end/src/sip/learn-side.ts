import type { RoutedEndpoint } from '@rollcall/back-end';
import { type ClientTransactionUser, DIALOG_TOKEN_PREFIX, readDialogToken, type SipResponse } from '@rollcall/sip';
import type { FrontEnd } from './context.ts';

/**
 * The front end of the endpoint makes its token. Once the endpoint has answered, it stands in the Record-Route of the answer: the
 * ACK that follows need not ask the back end where that endpoint is.
 */
export function learning(
  frontEnd: FrontEnd,
  user: ClientTransactionUser,
  accountId: number,
  endpoint: RoutedEndpoint,
): ClientTransactionUser {
  return {
    response(response) {
      if (response.status >= 200 && response.status < 300) learnSide(frontEnd, response, accountId, endpoint);
      user.response(response);
    },
    timeout: () => user.timeout(),
    transportError: (error) => user.transportError(error),
    accepted: () => user.accepted?.(),
  };
}

/** The endpoint may have written another one there: what counts is whom the token names. */
function learnSide(
  { keys, recentSides }: FrontEnd,
  response: SipResponse,
  accountId: number,
  endpoint: RoutedEndpoint,
): void {
  const token = DIALOG_TOKEN.exec(response.headers.get('Record-Route') ?? '')?.[1];
  const id = response.headers.get('Call-ID') ?? '';
  const name = token && readDialogToken(token, id, keys.gruu);
  if (!name || name.accountId !== accountId || name.endpointId !== endpoint.id) return;
  recentSides.keep(token, id, { name, endpoint });
}

/** The topmost value is of the side that answers (RFC 3261 §12.1.2). */
const DIALOG_TOKEN = new RegExp(`^<sip:(${RegExp.escape(DIALOG_TOKEN_PREFIX)}[^@>]*)@`);
