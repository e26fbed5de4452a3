import { type Command, Option } from 'commander';

/** Where the directory is: for whoever signs people in with its passwords, or follows it. */
const DIRECTORY = [
  [
    '--directory-url <list>',
    'LDAP servers with the same content, tried in turn: ldaps://dc1.example.org (default: no directory)',
  ],
  ['--directory-kind <kind>', 'active-directory, openldap or other (default: what the server says of itself)'],
  ['--directory-base <dn>', 'where people are searched for (default: the only naming context)'],
  ['--directory-filter <filter>', 'which entries are people (default: as the kind of server has them)'],
  ['--directory-bind-dn <name>', 'account that reads the directory'],
  ['--directory-password-file <file>', 'holds its password'],
  ['--directory-password <text>', 'its password; other users see command lines, so rather ROLLCALL_DIRECTORY_PASSWORD'],
  ['--directory-ca <file>', "authority of the servers' certificates (PEM; default: those that Node knows)"],
  ['--directory-start-tls', 'begin TLS on ldap:// connections'],
  ['--directory-plain', 'let passwords go over ldap:// without TLS'],
  ['--directory-timeout <seconds>', 'time that a server has for an answer (default 10)'],
] as const;

const REPLICATION = [
  ['--directory-mapping <file>', 'how entries become accounts (JSON; default: the preset of the kind)'],
  ['--directory-schedule <cron>', "when changes are fetched (default '* * * * *', each minute), or continuous"],
  ['--directory-full-schedule <cron>', "when everything is compared (default '17 3 * * *')"],
  [
    '--directory-disable-limit <percent>',
    'of the enabled accounts: a run that would disable more changes nothing (default 10)',
  ],
  ['--directory-grace-days <days>', 'until the account of an entry that is gone is removed (default 30)'],
  ['--directory-page-size <number>', 'entries that are asked for at a time, where a server needs that (default 500)'],
] as const;

/** The flags of what reaches a directory; their checks are in packages/directory. */
export function addDirectoryOptions(command: Command): Command {
  for (const [flags, text] of DIRECTORY) command.addOption(new Option(flags, text));
  return command;
}

/** The flags of what follows one. */
export function addReplicationOptions(command: Command): Command {
  for (const [flags, text] of REPLICATION) command.addOption(new Option(flags, text));
  return command;
}
