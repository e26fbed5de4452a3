import type { Row } from '../connections.ts';
import { type EndpointRemoval, endpointRemoval, type RemovalReason } from '../registration/removal.ts';

/** The watched rows of the same: the accounts of which notifications are due. */
export function changedAccounts(rows: readonly Row[]): number[] {
  return rows.filter(([outcome]) => outcome === 'watched').map((row) => row[1] as number);
}

/** The endpoint_removed rows of api.remove_account and api.set_account_enabled. */
export function removedEndpoints(rows: readonly Row[], reason: RemovalReason): EndpointRemoval[] {
  return rows
    .filter(([outcome]) => outcome === 'endpoint_removed')
    .map((row) => {
      const [, accountId, id, frontEndId, flow, instance] = row as [
        string,
        number,
        number,
        number,
        string,
        string | null,
      ];
      return endpointRemoval(accountId, { id, frontEndId, flow, instance }, reason);
    });
}
