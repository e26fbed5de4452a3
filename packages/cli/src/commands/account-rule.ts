import {
  ACCESS_LEVELS,
  type AccessLevel,
  type AccessRule,
  type RuleChange,
  type RuleSubject,
} from '@rollcall/back-end';
import type { Command } from 'commander';
import { accountArgument, domainArgument } from '../account/account-argument.ts';
import { formatAccountUri } from '../account/account-uri.ts';
import { accountUnknown } from '../account/unknown.ts';
import { addBusOption, type BusOptions, withBus } from '../account/with-bus.ts';
import { CommandError, usageError } from '../command-error.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printResult, printRows } from '../print.ts';
import { addExamples } from './example.ts';

type Options = ConnectionOptions & BusOptions & { json?: boolean };

export function accountRule(parent: Command): void {
  const rule = parent
    .command('rule')
    .description('says who may send messages to an account and call it, and what they see of its presence');
  const set = rule
    .command('set <uri> <subject> [allow|deny]')
    .description('for a user, a domain, or everyone; a user beats a domain beats everyone')
    .option('--level <level>', `what they see: ${ACCESS_LEVELS.join(', ')}; or none: the rule does not say`)
    .action(setOne);
  const remove = rule.command('remove <uri> <subject>').description('takes a rule back').action(removeOne);
  const list = rule.command('list <uri>').description('lists the rules of an account').action(listAll);
  for (const command of [set, remove, list]) addJsonOption(addConnectionOptions(command));
  for (const command of [set, remove]) addBusOption(command);
  addExamples(
    set,
    'rollcall account rule set sip:alice@example.org everyone deny',
    'rollcall account rule set sip:alice@example.org example.org allow --level team',
    'rollcall account rule set sip:alice@example.org sip:bob@example.org --level blocked',
  );
  addExamples(remove, 'rollcall account rule remove sip:alice@example.org everyone');
  addExamples(list, 'rollcall account rule list sip:alice@example.org');
}

async function setOne(
  text: string,
  subjectText: string,
  communication: string | undefined,
  options: Options & { level?: string },
): Promise<void> {
  const account = accountArgument(text);
  const subject = subjectArgument(subjectText);
  const says = saysArgument(communication, options.level);
  await withBus(options, async (backEnd, bus) => {
    const changed = await backEnd.setAccessRule({ account, subject, ...says });
    if (changed.outcome === 'account_unknown') throw accountUnknown(account.uri);
    if (changed.outcome === 'too_many_rules') throw new CommandError(`${account.uri} has as many rules as it may.`);
    bus.publish('presence', [String(changed.accountId)]);
    const who = formatSubject(subject);
    const result = { account: account.uri, subject: who, ...says, outcome: changed.outcome };
    printResult(options.json, result, sentence(account.uri, who, says));
  });
}

type Says = Pick<RuleChange, 'communication' | 'level'>;

function saysArgument(communication: string | undefined, level: string | undefined): Says {
  if (communication === undefined && level === undefined) throw usageError('Say allow, deny, --level, or both.');
  if (communication !== undefined && communication !== 'allow' && communication !== 'deny')
    throw usageError(`${JSON.stringify(communication)} is neither allow nor deny.`);
  if (level !== undefined && level !== 'none' && !isLevel(level))
    throw usageError(`${JSON.stringify(level)} is no level: ${ACCESS_LEVELS.join(', ')}, or none.`);
  return {
    ...(communication !== undefined && { communication }),
    ...(level !== undefined && { level: level === 'none' ? null : (level as AccessLevel) }),
  };
}

function isLevel(text: string): text is AccessLevel {
  return (ACCESS_LEVELS as readonly string[]).includes(text);
}

function sentence(uri: string, who: string, { communication, level }: Says): string {
  const verb = communication === 'allow' ? 'may' : 'may not';
  const said = [
    ...(communication ? [`${who} ${verb} reach ${uri}.`] : []),
    ...(level ? [`${who} sees what ${level} sees of ${uri}.`] : []),
    ...(level === null ? [`The rule for ${who} says nothing of what it sees of ${uri}.`] : []),
  ];
  return said.join('\n');
}

async function removeOne(text: string, subjectText: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const subject = subjectArgument(subjectText);
  await withBus(options, async (backEnd, bus) => {
    const removed = await backEnd.removeAccessRule({ account, subject });
    const who = formatSubject(subject);
    if (removed.outcome === 'account_unknown') throw accountUnknown(account.uri);
    if (removed.outcome === 'rule_unknown') throw new CommandError(`${account.uri} has no rule for ${who}.`);
    bus.publish('presence', [String(removed.accountId)]);
    const result = { account: account.uri, subject: who, outcome: removed.outcome };
    printResult(options.json, result, `Removed the rule for ${who}.`);
  });
}

async function listAll(text: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const rules = await withBackEnd(options, (backEnd) => backEnd.listAccessRules(account));
  if (!rules) throw accountUnknown(account.uri);
  const rows = rules.map(({ subject, ...says }: AccessRule) => ({ subject: formatSubject(subject), ...says }));
  printRows(
    options.json,
    rows,
    [
      { title: 'WHO', of: ({ subject }) => subject },
      { title: 'COMMUNICATION', of: ({ communication }) => communication ?? '' },
      { title: 'LEVEL', of: ({ level }) => level ?? '' },
    ],
    `${account.uri} has no rule: all may reach it.`,
  );
}

/** `everyone`, an account of any pool, or a domain. */
function subjectArgument(text: string): RuleSubject {
  if (text === 'everyone') return { scope: 'everyone' };
  if (!text.includes('@')) return { scope: 'domain', domain: domainArgument(text) };
  const { user, domain } = accountArgument(text);
  return { scope: 'user', user, domain };
}

function formatSubject(subject: RuleSubject): string {
  if (subject.scope === 'everyone') return 'everyone';
  return subject.scope === 'domain' ? subject.domain : formatAccountUri(subject);
}
