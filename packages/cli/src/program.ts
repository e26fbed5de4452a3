import { Command } from 'commander';
import { accessLevel } from './commands/access-level.ts';
import { accountAdd } from './commands/account-add.ts';
import { accountAlias } from './commands/account-alias.ts';
import { accountAppPassword } from './commands/account-app-password.ts';
import { accountContacts } from './commands/account-contacts.ts';
import { accountDisable } from './commands/account-disable.ts';
import { accountEnable } from './commands/account-enable.ts';
import { accountImport } from './commands/account-import.ts';
import { accountList } from './commands/account-list.ts';
import { accountPassword } from './commands/account-password.ts';
import { accountRemove } from './commands/account-remove.ts';
import { accountRule } from './commands/account-rule.ts';
import { deployCommand } from './commands/deploy.ts';
import { endpoints } from './commands/endpoints.ts';
import { frontEnd } from './commands/front-end.ts';
import { frontEnds } from './commands/front-ends.ts';
import { pool } from './commands/pool.ts';
import { replicator } from './commands/replicator.ts';
import { start } from './commands/start.ts';
import { userReplicator } from './commands/user-replicator.ts';

/** Every command, in the order of `rollcall --help`. */
const COMMANDS = [start, pool, frontEnd, userReplicator, deployCommand, endpoints, frontEnds, replicator, accessLevel];
const ACCOUNT_COMMANDS = [
  accountAdd,
  accountPassword,
  accountImport,
  accountList,
  accountDisable,
  accountEnable,
  accountRemove,
  accountAlias,
  accountAppPassword,
  accountRule,
  accountContacts,
];

export function createProgram(): Command {
  const program = new Command('rollcall')
    .description('Rollcall, a SIP pool: any number of stateless front ends over one PostgreSQL back end.')
    .exitOverride()
    .showHelpAfterError('(--help shows how it is used)')
    .helpCommand(false);
  for (const add of COMMANDS) add(program);
  const account = program.command('account').description('adds, changes, lists and removes accounts');
  for (const add of ACCOUNT_COMMANDS) add(account);
  return program;
}
