// Files are named in kebab-case after what they hold; a name that says nothing is refused.
import { basename } from 'node:path';
import { sourceFiles } from './source-files.ts';

const SAYS_NOTHING = /^(utils?|helpers?|managers?|common|misc|shared|stuff)$/;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.property)?(\.(test|config|d))?\.ts$/;

let failed = false;
for (const file of sourceFiles()) {
  const words = file.replace(/\.ts$/, '').split(/[/.-]/);
  const empty = words.find((word) => SAYS_NOTHING.test(word));
  if (empty === undefined && KEBAB.test(basename(file))) continue;
  failed = true;
  console.log(
    `${file}: ${empty === undefined ? 'is not in kebab-case' : `'${empty}' says nothing about what it holds`}`,
  );
}
process.exitCode = failed ? 1 : 0;
