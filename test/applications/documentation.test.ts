import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { startApplications } from './applications-bed.ts';

const PAGE = new URL('../../docs/applications.md', import.meta.url);

it('the example of docs/applications.md runs, and so does its test', async () => {
  const [example, test] = [...(await readFile(PAGE, 'utf8')).matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, code]) => code!,
  );
  // Beside the tests, where a module finds the front end.
  const folder = await mkdtemp(join(import.meta.dirname, 'example-'));
  try {
    const application = join(folder, 'night.ts');
    await writeFile(application, example!);
    const module = join(folder, 'try.ts');
    await writeFile(
      module,
      `${test!.replace('\n', "\nimport { makeNight } from './night.ts';\nimport { expect } from 'vitest';\n")}\nexport const done = true;\n`,
    );
    expect((await import(pathToFileURL(module).href)).done).toBe(true);
    const bed = await startApplications([application]);
    await bed.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
