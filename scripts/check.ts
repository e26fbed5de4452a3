// Runs every static check, reports all, and fails when one fails. Arguments choose checks by name.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const CHECKS: Record<string, readonly [program: string, ...args: string[]]> = {
  types: ['tsc', '--noEmit', '--pretty', 'false'],
  lint: ['biome', 'ci', '--colors=off', '--max-diagnostics=50'],
  imports: ['node', 'scripts/check-imports.ts'],
  tables: ['node', 'scripts/check-tables.ts'],
  'file names': ['node', 'scripts/check-file-names.ts'],
  'db/schema.sql': ['node', 'db/dump-schema.ts', '--check'],
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in CHECKS));
if (unknown.length > 0) {
  console.error(`No check named ${unknown.join(', ')}. There are: ${Object.keys(CHECKS).join(', ')}.`);
  process.exit(2);
}

let failures = 0;
for (const [name, command] of Object.entries(CHECKS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const { status, output } = await run(command);
  console.log(`${status === 0 ? 'ok    ' : 'failed'} ${name}`);
  if (status === 0) continue;
  failures++;
  console.log(output.trimEnd().replace(/^/gm, '       '));
}
process.exitCode = failures === 0 ? 0 : 1;

async function run([program, ...args]: readonly [string, ...string[]]): Promise<{ status: number; output: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [status] = await once(child, 'close');
  return { status: status ?? 1, output };
}
