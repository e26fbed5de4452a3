import { ACCESS_LEVELS, type AccessLevel, LEVEL_FIELDS, type LevelField } from '@rollcall/back-end';
import type { Command } from 'commander';
import { CommandError, usageError } from '../command-error.ts';
import { addConnectionOptions, addJsonOption, type ConnectionOptions, withBackEnd } from '../connection.ts';
import { printResult, printRows } from '../print.ts';
import { addExamples } from './example.ts';

type Options = ConnectionOptions & { json?: boolean };

const FIELDS = LEVEL_FIELDS.join(', ');

export function accessLevel(parent: Command): void {
  const level = parent.command('access-level').description('says what each access level sees of presence');
  const list = level.command('list').description('lists the levels, the one that sees least first').action(listAll);
  const set = level
    .command('set <level>')
    .description('shows fields to a level, or hides them; who watches is told within seconds')
    .option('--show <fields>', `some of ${FIELDS}, with commas`)
    .option('--hide <fields>', 'likewise')
    .action(setOne);
  for (const command of [list, set]) addJsonOption(addConnectionOptions(command));
  addExamples(list, 'rollcall access-level list');
  addExamples(
    set,
    'rollcall access-level set public --show note,person',
    'rollcall access-level set team --hide location',
  );
}

async function listAll(options: Options): Promise<void> {
  const rows = await withBackEnd(options, (backEnd) => backEnd.listAccessLevels());
  printRows(
    options.json,
    rows,
    [
      { title: 'LEVEL', of: ({ level }) => level },
      ...LEVEL_FIELDS.map((field) => ({
        title: field.toUpperCase(),
        of: (row: Record<LevelField, boolean>) => (row[field] ? 'yes' : '-'),
      })),
    ],
    'No levels.',
  );
}

async function setOne(text: string, options: Options & { show?: string; hide?: string }): Promise<void> {
  if (!(ACCESS_LEVELS as readonly string[]).includes(text))
    throw usageError(`${JSON.stringify(text)} is no level: ${ACCESS_LEVELS.join(', ')}.`);
  const fields = { ...fieldsOption(options.show, true), ...fieldsOption(options.hide, false) };
  if (Object.keys(fields).length === 0) throw usageError('Say --show or --hide.');
  const level = text as AccessLevel;
  const outcome = await withBackEnd(options, (backEnd) => backEnd.setAccessLevel({ level, ...fields }));
  if (outcome === 'level_unknown') throw new CommandError(`${level} sees nothing, always.`);
  const said = Object.entries(fields).map(([field, shown]) => `${shown ? 'sees' : 'does not see'} ${field}`);
  printResult(options.json, { level, ...fields, outcome }, `${level} ${said.join(', ')}.`);
}

function fieldsOption(text: string | undefined, shown: boolean): Partial<Record<LevelField, boolean>> {
  const names = (text ?? '').split(',').map((name) => name.trim());
  const wrong = names.find((name) => name !== '' && !(LEVEL_FIELDS as readonly string[]).includes(name));
  if (wrong !== undefined) throw usageError(`${JSON.stringify(wrong)} is none of ${FIELDS}.`);
  return Object.fromEntries(names.filter((name) => name !== '').map((name) => [name, shown]));
}
