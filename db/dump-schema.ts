/**
 * Writes db/schema.sql, a description of what a deploy makes, to be reviewed in diffs.
 *
 *   node db/dump-schema.ts            writes it
 *   node db/dump-schema.ts --check    ends with status 1 when it is not up to date
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploy, describeSchema } from '../packages/back-end/src/index.ts';
import { startLocalDatabase } from '../packages/local-database/src/index.ts';

const FILE = new URL('schema.sql', import.meta.url);
const HEAD = '-- Made by db/dump-schema.ts from migrations, procedures and grants. Do not edit.\n\n';

const folder = await mkdtemp(join(tmpdir(), 'rollcall-schema-'));
const database = await startLocalDatabase({ folder, settings: { fsync: 'off' } });
try {
  await deploy({ databaseUrl: database.url });
  const text = HEAD + (await describeSchema(database.url));
  if (!process.argv.includes('--check')) {
    await writeFile(FILE, text);
  } else if (text !== (await readFile(FILE, 'utf8').catch(() => ''))) {
    console.error('db/schema.sql is not up to date: run node db/dump-schema.ts');
    process.exitCode = 1;
  }
} finally {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}
