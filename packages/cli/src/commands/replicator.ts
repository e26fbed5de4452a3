import type { DirectoryStatus } from '@rollcall/back-end';
import type { Command } from 'commander';
import { usageError } from '../command-error.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printResult, printRows } from '../print.ts';
import { statusText } from '../replicator/status-text.ts';
import { addExamples } from './example.ts';

type Options = ConnectionOptions & { json?: boolean };

/** Problems that are listed, unless more are asked for. */
const SHOWN = 100;

export function replicator(parent: Command): void {
  const group = parent.command('replicator').description('shows how the accounts follow the directory');
  const status = group
    .command('status')
    .description('who works, how old what was read is, the latest run, its counts and errors')
    .action(showStatus);
  const problems = group
    .command('problems')
    .description('lists the entries that have no account, or not the address that they ask for')
    .option('--limit <number>', `how many (default ${SHOWN})`)
    .action(listProblems);
  const allow = group
    .command('allow')
    .description('lets the next run disable more accounts than the limit, once')
    .option('--percent <number>', 'of the enabled accounts, at most (default 100)')
    .action(allowNext);
  for (const command of [status, problems, allow]) addJsonOption(addConnectionOptions(command));
  addExamples(status, 'rollcall replicator status --json');
  addExamples(problems, 'rollcall replicator problems --limit 1000');
  addExamples(allow, 'rollcall replicator allow --percent 25');
}

async function showStatus(options: Options): Promise<void> {
  const status: DirectoryStatus = await withBackEnd(options, (backEnd) => backEnd.directoryStatus());
  printResult(options.json, { ...status }, statusText(status, new Date()));
}

async function listProblems(options: Options & { limit?: string }): Promise<void> {
  const limit = wholeNumber('--limit', options.limit ?? String(SHOWN), 1, 1_000_000);
  const rows = await withBackEnd(options, (backEnd) => backEnd.listDirectoryProblems({ limit }));
  printRows(
    options.json,
    rows,
    [
      { title: 'PROBLEM', of: ({ problem }) => problem },
      { title: 'ASKS FOR', of: ({ address }) => address ?? '-' },
      { title: 'HAS', of: ({ keeps }) => keeps ?? '-' },
      { title: 'ENTRY', of: ({ dn }) => dn },
      { title: 'WHY', of: ({ detail }) => detail },
    ],
    'No problems: every entry of a person has its account.',
  );
}

async function allowNext(options: Options & { percent?: string }): Promise<void> {
  const percent = wholeNumber('--percent', options.percent ?? '100', 0, 100);
  await withBackEnd(options, (backEnd) => backEnd.allowDirectoryRun({ percent }));
  printResult(
    options.json,
    { percent },
    `The next run may disable up to ${percent}% of the enabled accounts of the directory.`,
  );
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw usageError(`${flag} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`);
}
