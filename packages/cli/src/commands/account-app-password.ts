import { type BackEnd, publishAccountChange } from '@rollcall/back-end';
import { newAppPassword } from '@rollcall/sip';
import type { Command } from 'commander';
import { accountArgument } from '../account/account-argument.ts';
import type { AccountName } from '../account/account-uri.ts';
import { credentialsOf } from '../account/credentials.ts';
import { accountUnknown } from '../account/unknown.ts';
import { addBusOption, type BusOptions, withBus } from '../account/with-bus.ts';
import { CommandError, usageError } from '../command-error.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printResult, printRows } from '../print.ts';
import { addExamples } from './example.ts';

type Options = ConnectionOptions & BusOptions & { json?: boolean };

export function accountAppPassword(parent: Command): void {
  const group = parent.command('app-password').description('gives an account passwords for single devices');
  const add = group.command('add <uri> <name>').description('makes one, and shows it once').action(addOne);
  const remove = group.command('remove <uri> <id>').description('takes one back; its phone is off').action(removeOne);
  const list = group.command('list <uri>').description('lists those of an account').action(listAll);
  for (const command of [add, remove, list]) addJsonOption(addConnectionOptions(command));
  addBusOption(remove);
  addExamples(add, 'rollcall account app-password add sip:alice@example.org "desk phone"');
  addExamples(remove, 'rollcall account app-password remove sip:alice@example.org 7');
  addExamples(list, 'rollcall account app-password list sip:alice@example.org');
}

async function addOne(text: string, name: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  if (name === '' || name.length > 64) throw usageError('A name has 1 to 64 characters.');
  await withBackEnd(options, async (backEnd) => {
    const accountId = await findAccountId(backEnd, account);
    const password = newAppPassword();
    const added = await backEnd.addAppPassword({ accountId, name, ha1: credentialsOf(account, password) });
    switch (added.outcome) {
      case 'added': {
        const { user, domain, uri } = account;
        const result = { account: uri, outcome: added.outcome, id: added.id, name, user, domain, password };
        printResult(options.json, result, `Password ${added.id} of ${uri}, for user name ${user}: ${password}`);
        return;
      }
      case 'too_many':
        throw new CommandError(`${account.uri} has as many app passwords as it may. Remove one.`);
      case 'account_unknown':
      case 'session_closed':
        throw accountUnknown(account.uri);
    }
  });
}

async function removeOne(text: string, idText: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  if (!/^[1-9]\d{0,8}$/.test(idText)) throw usageError(`${JSON.stringify(idText)} is no number of an app password.`);
  const id = Number(idText);
  await withBus(options, async (backEnd, bus) => {
    const outcome = await backEnd.removeAppPassword({ accountId: await findAccountId(backEnd, account), id });
    if (outcome !== 'removed') throw new CommandError(`${account.uri} has no app password ${id}.`);
    publishAccountChange(bus, { user: account.user, domain: account.domain });
    printResult(options.json, { account: account.uri, outcome, id }, `Removed app password ${id} of ${account.uri}.`);
  });
}

async function listAll(text: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const listed = await withBackEnd(options, async (backEnd) =>
    backEnd.listAppPasswords(await findAccountId(backEnd, account)),
  );
  const columns = [
    { title: 'ID', of: (row: (typeof listed)[number]) => row.id, right: true },
    { title: 'NAME', of: (row: (typeof listed)[number]) => row.name },
    { title: 'CREATED', of: (row: (typeof listed)[number]) => row.createdAt.toISOString() },
  ];
  printRows(options.json, listed, columns, `${account.uri} has no app password.`);
}

/** Not of an alias: a device gives the account's own name. */
async function findAccountId(backEnd: BackEnd, { user, domain, uri }: AccountName & { uri: string }): Promise<number> {
  const [account] = await backEnd.listAccounts({ user, domain, limit: 1 });
  if (!account) throw accountUnknown(uri);
  return account.id;
}
