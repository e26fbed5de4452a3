import { checkText } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import type { Role } from './add-account.ts';

export interface ListAccountsRequest {
  user?: string;
  domain?: string;
  /** The id of the last account of the page before. */
  after?: number;
  /** Default 1,000. */
  limit?: number;
  now?: Date;
}

export interface ListedAccount {
  id: number;
  user: string;
  domain: string;
  role: Role;
  enabled: boolean;
  createdAt: Date;
  /** How many are registered now. */
  endpoints: number;
}

/** A page of accounts in the order in which they were added. */
export async function listAccounts(
  connections: Connections,
  request: ListAccountsRequest = {},
): Promise<ListedAccount[]> {
  checkText('user', request.user);
  checkText('domain', request.domain);
  const rows = await connections.call({
    name: 'list_accounts',
    text: 'select * from api.list_accounts($1, $2, $3, $4, coalesce($5, now()))',
    values: [request.after ?? 0, request.limit ?? 1_000, request.user, request.domain, request.now],
  });
  return rows.map(([id, user, domain, role, enabled, createdAt, endpoints]) => {
    return { id, user, domain, role, enabled, createdAt, endpoints } as ListedAccount;
  });
}
