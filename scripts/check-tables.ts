// TypeScript names no table: the procedures of schema `api` are the only door. What deploys, tests or measures the database looks behind it.
import { globSync, readFileSync } from 'node:fs';
import { sourceFiles } from './source-files.ts';

const MAY_LOOK = [
  /^db\//,
  /^bench\//,
  /^packages\/back-end\/src\/deploy\//,
  /^packages\/(back-end|local-database)\/.*\.test\.ts$/,
  /^packages\/test-kit\//,
  /^scripts\//,
];

const tables = new Set<string>();
for (const file of globSync('db/migrations/*.sql')) {
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(
    /\bcreate\s+(?:unlogged\s+)?table\s+(?:if not exists\s+)?data\.(\w+)/gi,
  ))
    tables.add(name);
}
const NAMED = new RegExp(`\\bdata\\.(?:${[...tables].join('|') || '(?!)'})\\b`);
const STATEMENT =
  /[`'"]\s*(?:select\b[^`'"]*\bfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\s+(?!api\.|pg_|information_schema\.)[a-z_]/i;

let failed = false;
for (const file of sourceFiles()) {
  if (MAY_LOOK.some((pattern) => pattern.test(file))) continue;
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const found = tables.size > 0 ? (NAMED.exec(line) ?? STATEMENT.exec(line)) : null;
    if (found === null) continue;
    failed = true;
    console.log(`${file}:${index + 1}: names a table: ${line.trim()}`);
  }
}
process.exitCode = failed ? 1 : 0;
