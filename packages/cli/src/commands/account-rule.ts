import type { RuleSubject } from '@rollcall/back-end';
import type { Command } from 'commander';
import { accountArgument, domainArgument } from '../account/account-argument.ts';
import { formatAccountUri } from '../account/account-uri.ts';
import { accountUnknown } from '../account/unknown.ts';
import { CommandError, usageError } from '../command-error.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printResult, printRows } from '../print.ts';
import { addExamples } from './example.ts';

type Options = ConnectionOptions & { json?: boolean };

export function accountRule(parent: Command): void {
  const rule = parent.command('rule').description('says who may send messages to an account and call it');
  const set = rule
    .command('set <uri> <subject> <allow|deny>')
    .description('allows or denies a user, a domain, or everyone; a user beats a domain beats everyone')
    .action(setOne);
  const remove = rule.command('remove <uri> <subject>').description('takes a rule back').action(removeOne);
  const list = rule.command('list <uri>').description('lists the rules of an account').action(listAll);
  for (const command of [set, remove, list]) addJsonOption(addConnectionOptions(command));
  addExamples(
    set,
    'rollcall account rule set sip:alice@example.org everyone deny',
    'rollcall account rule set sip:alice@example.org example.org allow',
    'rollcall account rule set sip:alice@example.org sip:bob@example.org deny',
  );
  addExamples(remove, 'rollcall account rule remove sip:alice@example.org everyone');
  addExamples(list, 'rollcall account rule list sip:alice@example.org');
}

async function setOne(text: string, subjectText: string, communication: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const subject = subjectArgument(subjectText);
  if (communication !== 'allow' && communication !== 'deny')
    throw usageError(`${JSON.stringify(communication)} is neither allow nor deny.`);
  await withBackEnd(options, async (backEnd) => {
    const outcome = await backEnd.setAccessRule({ account, subject, communication });
    if (outcome === 'account_unknown') throw accountUnknown(account.uri);
    if (outcome === 'too_many_rules') throw new CommandError(`${account.uri} has 1000 rules, which is the most.`);
    const who = formatSubject(subject);
    const result = { account: account.uri, subject: who, communication, outcome };
    const verb = communication === 'allow' ? 'may' : 'may not';
    printResult(options.json, result, `${who} ${verb} reach ${account.uri}.`);
  });
}

async function removeOne(text: string, subjectText: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const subject = subjectArgument(subjectText);
  await withBackEnd(options, async (backEnd) => {
    const outcome = await backEnd.removeAccessRule({ account, subject });
    const who = formatSubject(subject);
    if (outcome === 'account_unknown') throw accountUnknown(account.uri);
    if (outcome === 'rule_unknown') throw new CommandError(`${account.uri} has no rule for ${who}.`);
    printResult(options.json, { account: account.uri, subject: who, outcome }, `Removed the rule for ${who}.`);
  });
}

async function listAll(text: string, options: Options): Promise<void> {
  const account = accountArgument(text);
  const rules = await withBackEnd(options, (backEnd) => backEnd.listAccessRules(account));
  if (!rules) throw accountUnknown(account.uri);
  const rows = rules.map(({ subject, communication }) => ({ subject: formatSubject(subject), communication }));
  printRows(
    options.json,
    rows,
    [
      { title: 'WHO', of: ({ subject }) => subject },
      { title: 'COMMUNICATION', of: ({ communication }) => communication },
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
