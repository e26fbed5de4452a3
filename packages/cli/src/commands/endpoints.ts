import type { Command } from 'commander';
import { accountArgument } from '../account/account-argument.ts';
import { formatAccountUri } from '../account/account-uri.ts';
import { accountUnknown } from '../account/unknown.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { allPages } from '../pages.ts';
import { printRows } from '../print.ts';
import { addExamples } from './example.ts';

export function endpoints(parent: Command): void {
  const command = parent
    .command('endpoints [uri]')
    .description('lists the endpoints that are registered now, of one account or of all')
    .action(run);
  addJsonOption(addConnectionOptions(command));
  addExamples(command, 'rollcall endpoints sip:alice@example.org');
}

async function run(text: string | undefined, options: ConnectionOptions & { json?: boolean }): Promise<void> {
  const account = text === undefined ? undefined : accountArgument(text);
  const found = await withBackEnd(options, async (backEnd) => {
    const of = account && { user: account.user, domain: account.domain };
    const list = await allPages(
      (after?: { accountId: number; id: number }) => backEnd.listEndpoints({ ...of, ...(after && { after }) }),
      ({ accountId, id }) => ({ accountId, id }),
    );
    // An account without endpoints and one that does not exist are two answers.
    if (of && list.length === 0 && (await backEnd.listAccounts(of)).length === 0) throw accountUnknown(account.uri);
    return list;
  });
  const now = Date.now();
  const rows = found.map(({ accountId: _, id, user, domain, ...endpoint }) => ({
    account: formatAccountUri({ user, domain }),
    id,
    ...endpoint,
    expiresIn: Math.max(1, Math.ceil((endpoint.expiresAt.getTime() - now) / 1000)),
  }));
  printRows(
    options.json,
    rows,
    [
      { title: 'ACCOUNT', of: (row) => row.account },
      { title: 'CONTACT', of: (row) => row.uri },
      { title: 'VIA', of: (row) => `${row.transport} ${row.receivedFrom}` },
      { title: 'FRONT END', of: (row) => row.frontEndId, right: true },
      { title: 'EXPIRES IN', of: (row) => `${row.expiresIn} s`, right: true },
      { title: 'USER AGENT', of: (row) => row.userAgent ?? '' },
    ],
    account === undefined ? 'No endpoint is registered.' : `No endpoint of ${account.uri} is registered.`,
  );
}
