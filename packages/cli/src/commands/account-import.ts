import { accountKey, type BackEnd, type Bus } from '@rollcall/back-end';
import type { Command } from 'commander';
import { domainArgument } from '../account/account-argument.ts';
import { addBusOption, type BusOptions, withBus } from '../account/with-bus.ts';
import { CommandError } from '../command-error.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions } from '../connection.ts';
import { type BadRow, goodRows } from '../import/check-rows.ts';
import { importAccounts } from '../import/import-accounts.ts';
import { showProgress } from '../import/progress.ts';
import { readRows } from '../import/rows.ts';
import { openSource, type Source } from '../import/source.ts';
import { printResult } from '../print.ts';
import { addExamples } from './example.ts';

interface Options extends ConnectionOptions, BusOptions {
  skipBadRows?: boolean;
  createDomain?: string[];
  json?: boolean;
}

/** Bad rows that are listed one by one; the rest is counted. */
const SHOWN = 20;

export function accountImport(parent: Command): void {
  const command = parent
    .command('import <file>')
    .description('imports accounts from CSV lines: uri,password (- is stdin)')
    .option('--skip-bad-rows', 'import the good rows even when others are bad')
    .option('--create-domain <name...>', 'serve these domains from now on, if the pool does not yet')
    .action(run);
  addJsonOption(addBusOption(addConnectionOptions(command)));
  command.addHelpText(
    'after',
    `
All rows are checked first: one that is bad (no URI, no password, the account twice, a domain that the pool
does not serve) keeps all of them out, unless --skip-bad-rows is given. Accounts that exist get the password
of the file, so that an import can be repeated.`,
  );
  addExamples(
    command,
    'rollcall account import people.csv',
    'export-people | rollcall account import - --skip-bad-rows',
  );
}

async function run(file: string, options: Options): Promise<void> {
  const created = (options.createDomain ?? []).map(domainArgument);
  const source = await openSource(file);
  const started = performance.now();
  await withBus(options, async (backEnd, bus) => {
    for (const domain of created) await backEnd.createDomain(domain);
    const domains = new Set((await backEnd.listDomains()).map(({ name }) => name));

    const { good, bad } = await checkAll(source, domains);
    report(bad);
    if (bad.length > 0 && !options.skipBadRows)
      throw new CommandError(
        `Nothing was imported, for ${rows(bad.length)} of ${good + bad.length} ${bad.length === 1 ? 'is' : 'are'} bad. Mend them, or import the rest with --skip-bad-rows.`,
      );

    const counts = await importGood({ backEnd, bus }, source, domains, good);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    printResult(
      options.json,
      { ...counts, bad, seconds },
      `Imported ${good} account${good === 1 ? '' : 's'} in ${seconds} s: ${counts.added} added, ${counts.changed} with another password, ${counts.unchanged} as they were${counts.alias > 0 ? `, ${counts.alias} not, whose names are aliases` : ''}${bad.length > 0 ? `; ${rows(bad.length)} skipped` : ''}.`,
    );
  });
}

async function checkAll(source: Source, domains: ReadonlySet<string>): Promise<{ good: number; bad: BadRow[] }> {
  const bad: BadRow[] = [];
  let good = 0;
  for await (const _ of goodRows(readRows(source()), domains, (row) => bad.push(row))) good += 1;
  return { good, bad };
}

function report(bad: readonly BadRow[]): void {
  for (const { line, problem } of bad.slice(0, SHOWN)) process.stderr.write(`line ${line}: ${problem}\n`);
  if (bad.length > SHOWN) process.stderr.write(`and ${bad.length - SHOWN} more bad rows\n`);
}

async function importGood(
  { backEnd, bus }: { backEnd: BackEnd; bus: Bus },
  source: Source,
  domains: ReadonlySet<string>,
  total: number,
) {
  const progress = showProgress(total);
  try {
    return await importAccounts(
      backEnd,
      goodRows(readRows(source()), domains, () => {}),
      (done, changed) => {
        bus.publish('account', changed.map(accountKey));
        progress.at(done);
      },
    );
  } finally {
    progress.end();
  }
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}
