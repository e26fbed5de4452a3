import { bigints, checkInteger, integers } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { checkNonce, type Nonce } from './nonce.ts';

export interface UseNonceRequest {
  accountId: number;
  credentialVersion: number;
  nonce: Nonce;
}

export type UseNonceOutcome = 'accepted' | 'credentials_changed' | 'account_disabled' | 'nonce_replayed';

/** Throws InvalidValueError for what the back end cannot store. */
export function checkUseNonceRequest(request: UseNonceRequest): void {
  checkInteger('account id', request.accountId, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('credential version', request.credentialVersion, 0, 0x7fff_ffff);
  checkNonce(request.nonce);
}

/** api.use_nonce for a batch of distinct accounts: for methods that change nothing else in the back end. */
export async function useNonce(
  connections: Connections,
  requests: readonly UseNonceRequest[],
): Promise<UseNonceOutcome[]> {
  const rows = await connections.call({
    name: 'use_nonce',
    text: 'select unnest(api.use_nonce($1, $2, $3, $4))',
    values: [
      bigints(requests, (request) => request.accountId),
      integers(requests, (request) => request.credentialVersion),
      bigints(requests, (request) => request.nonce.id),
      bigints(requests, (request) => request.nonce.count),
    ],
  });
  return rows.map(([outcome]) => outcome as UseNonceOutcome);
}
