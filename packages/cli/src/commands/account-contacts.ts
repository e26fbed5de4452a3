import type { Command } from 'commander';
import { accountArgument } from '../account/account-argument.ts';
import { formatAccountUri } from '../account/account-uri.ts';
import { accountUnknown } from '../account/unknown.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printRows } from '../print.ts';
import { addExamples } from './example.ts';

export function accountContacts(parent: Command): void {
  const command = parent
    .command('contacts <uri>')
    .description('lists whom an account has in its contact list')
    .action(run);
  addJsonOption(addConnectionOptions(command));
  addExamples(command, 'rollcall account contacts sip:alice@example.org');
}

async function run(text: string, options: ConnectionOptions & { json?: boolean }): Promise<void> {
  const { user, domain, uri } = accountArgument(text);
  const list = await withBackEnd(options, async (backEnd) => {
    const [account] = await backEnd.listAccounts({ user, domain });
    return account && backEnd.findContacts({ accountId: account.id });
  });
  if (!list) throw accountUnknown(uri);
  const nameOf = new Map(list.groups.map(({ id, name }) => [id, name]));
  const rows = list.contacts.map((contact) => ({
    contact: formatAccountUri(contact),
    displayName: contact.displayName ?? null,
    groups: contact.groups.map((id) => nameOf.get(id)!),
    inPool: contact.inPool,
  }));
  printRows(
    options.json,
    rows,
    [
      { title: 'CONTACT', of: ({ contact }) => contact },
      { title: 'NAME', of: ({ displayName }) => displayName ?? '' },
      { title: 'GROUPS', of: ({ groups }) => groups.join(', ') },
      { title: 'IN POOL', of: ({ inPool }) => (inPool ? 'yes' : 'no') },
    ],
    `${uri} has no contacts.`,
  );
}
