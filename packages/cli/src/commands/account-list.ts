import type { Command } from 'commander';
import { domainArgument } from '../account/account-argument.ts';
import { formatAccountUri } from '../account/account-uri.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { allPages } from '../pages.ts';
import { printRows } from '../print.ts';
import { addExamples } from './example.ts';

interface Options extends ConnectionOptions {
  domain?: string;
  json?: boolean;
}

export function accountList(parent: Command): void {
  const command = parent
    .command('list')
    .description('lists accounts, in the order in which they were made')
    .option('--domain <name>', 'only those of this domain')
    .action(run);
  addJsonOption(addConnectionOptions(command));
  addExamples(command, 'rollcall account list --domain example.org --json');
}

async function run(options: Options): Promise<void> {
  const domain = options.domain === undefined ? undefined : domainArgument(options.domain);
  const accounts = await withBackEnd(options, (backEnd) =>
    allPages(
      (after?: number) => backEnd.listAccounts({ ...(domain && { domain }), ...(after && { after }) }),
      ({ id }) => id,
    ),
  );
  const rows = accounts.map((account) => ({
    account: formatAccountUri(account),
    role: account.role,
    enabled: account.enabled,
    endpoints: account.endpoints,
    createdAt: account.createdAt,
  }));
  printRows(
    options.json,
    rows,
    [
      { title: 'ACCOUNT', of: ({ account }) => account },
      { title: 'ROLE', of: ({ role }) => role },
      { title: 'STATE', of: ({ enabled }) => (enabled ? 'enabled' : 'disabled') },
      { title: 'ENDPOINTS', of: ({ endpoints }) => endpoints, right: true },
      { title: 'MADE', of: ({ createdAt }) => createdAt.toISOString().slice(0, 16).replace('T', ' ') },
    ],
    'No accounts. `rollcall account add sip:alice@example.org` adds one.',
  );
}
