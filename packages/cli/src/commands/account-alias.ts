import type { Command } from 'commander';
import { accountArgument } from '../account/account-argument.ts';
import { formatAccountUri } from '../account/account-uri.ts';
import { accountUnknown, domainUnknown } from '../account/unknown.ts';
import { CommandError } from '../command-error.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printResult, printRows } from '../print.ts';
import { addExamples } from './example.ts';

type Options = ConnectionOptions & { json?: boolean };

export function accountAlias(parent: Command): void {
  const alias = parent.command('alias').description('gives an account further addresses');
  const add = alias.command('add <uri> <alias>').description('adds an address to an account').action(addOne);
  const remove = alias.command('remove <uri> <alias>').description('takes it away again').action(removeOne);
  const list = alias.command('list <uri>').description('lists the aliases of an account').action(listAll);
  for (const command of [add, remove, list]) addJsonOption(addConnectionOptions(command));
  addExamples(add, 'rollcall account alias add sip:alice@example.org sip:sales@example.org');
  addExamples(remove, 'rollcall account alias remove sip:alice@example.org sip:sales@example.org');
  addExamples(list, 'rollcall account alias list sip:alice@example.org');
}

async function addOne(text: string, aliasText: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const alias = accountArgument(aliasText);
  await withBackEnd(options, async (backEnd) => {
    const outcome = await backEnd.addAlias({ account, alias });
    if (outcome === 'account_unknown') throw accountUnknown(account.uri);
    if (outcome === 'domain_unknown') {
      const served = await backEnd.listDomains();
      throw domainUnknown(
        alias.domain,
        served.map(({ name }) => name),
      );
    }
    if (outcome === 'exists') throw new CommandError(`${alias.uri} is taken, by an account or as an alias of one.`);
    const result = { account: account.uri, alias: alias.uri, outcome };
    printResult(options.json, result, `${alias.uri} leads to ${account.uri}.`);
  });
}

async function removeOne(text: string, aliasText: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const alias = accountArgument(aliasText);
  await withBackEnd(options, async (backEnd) => {
    const outcome = await backEnd.removeAlias({ account, alias });
    if (outcome === 'account_unknown') throw accountUnknown(account.uri);
    if (outcome === 'alias_unknown') throw new CommandError(`${account.uri} has no alias ${alias.uri}.`);
    const result = { account: account.uri, alias: alias.uri, outcome };
    printResult(options.json, result, `${alias.uri} leads to ${account.uri} no more.`);
  });
}

async function listAll(text: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const aliases = await withBackEnd(options, (backEnd) => backEnd.listAliases(account));
  if (!aliases) throw accountUnknown(account.uri);
  const rows = aliases.map((alias) => ({ alias: formatAccountUri(alias) }));
  printRows(options.json, rows, [{ title: 'ALIAS', of: ({ alias }) => alias }], `${account.uri} has no alias.`);
}
