// Imports point one way: services → packages, and among packages as the table below says.
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { sourceFiles } from './source-files.ts';

/** Who may import whom. Everyone may import itself; tests may also import what `FOR_TESTS` names. */
const ARROWS: Record<string, readonly string[]> = {
  'packages/sip': [],
  'packages/presence': [],
  'packages/process': [],
  'packages/directory': ['packages/process'],
  'packages/back-end': ['packages/process'],
  'packages/local-database': ['packages/process'],
  'packages/test-kit': ['packages/back-end', 'packages/local-database', 'packages/process', 'packages/sip'],
  'services/front-end': [
    'packages/back-end',
    'packages/directory',
    'packages/presence',
    'packages/process',
    'packages/sip',
  ],
  'services/user-replicator': ['packages/back-end', 'packages/directory', 'packages/process', 'packages/sip'],
  // The composition root of the commands: it starts services and the local database.
  'packages/cli': ['packages/*', 'services/*'],
  db: ['bench', 'packages/back-end', 'packages/local-database', 'packages/process'],
  bench: ['packages/*', 'services/*'],
  test: ['packages/*', 'services/*', 'bench'],
  scripts: [],
};
const FOR_TESTS = ['packages/test-kit', 'packages/local-database', 'packages/process', 'db'];

const IMPORT = /^\s*(?:import|export)\b[^'"`;]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

const problems: string[] = [];
for (const file of sourceFiles()) {
  const from = ownerOf(file);
  if (from === undefined) continue;
  for (const match of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    const problem = check(file, from, specifier);
    if (problem !== undefined) problems.push(`${file}: ${problem}`);
  }
}
if (problems.length > 0) console.log(problems.join('\n'));
process.exitCode = problems.length > 0 ? 1 : 0;

function check(file: string, from: string, specifier: string): string | undefined {
  const to = targetOf(file, specifier);
  if (to === undefined || to === from) return undefined;
  const allowed = [...(ARROWS[from] ?? []), ...(isTest(file) ? FOR_TESTS : [])];
  if (!(from in ARROWS)) return `${from} has no line in the table of scripts/check-imports.ts`;
  if (!allowed.some((name) => name === to || name === `${dirname(to)}/*`)) return `${from} must not import ${to}`;
  // Past a package's door lie its private files; benches and tests may look in.
  if (specifier.startsWith('.') && from.includes('/') && !isTest(file)) return `import ${to} by its package name`;
  return undefined;
}

function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return ownerOf(normalize(join(dirname(file), specifier)));
  const name = /^@rollcall\/([^/]+)/.exec(specifier)?.[1];
  if (name === undefined) return undefined;
  return `services/${name}` in ARROWS ? `services/${name}` : `packages/${name}`;
}

/** `packages/sip/src/x.ts` → `packages/sip`; `db/x.ts` → `db`; files in the root have no owner. */
function ownerOf(path: string): string | undefined {
  const [top = '', second = ''] = path.split('/');
  if (top === 'packages' || top === 'services') return `${top}/${second}`;
  return path.includes('/') ? top : undefined;
}

function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || file.startsWith('db/tests/');
}
