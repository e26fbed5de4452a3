import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A CommonJS package and all that it requires, as one script that sets the global `name`. */
export function bundle(entry: string, name: string): string {
  const modules = new Map<string, string>();
  const required: Record<string, Record<string, string>> = {};
  const add = (file: string): void => {
    if (modules.has(file)) return;
    modules.set(file, '');
    const source = readFileSync(file, 'utf8');
    if (file.endsWith('.json')) {
      modules.set(file, `module.exports = ${source}`);
      return;
    }
    const places: Record<string, string> = {};
    const resolve = createRequire(file).resolve;
    for (const [, wanted = ''] of source.matchAll(/\brequire\(['"]([^'"]+)['"]\)/g)) {
      // A slash asks for the package and not for Node's own module of that name.
      const found = wanted === 'events' ? resolve('events/') : tryTo(() => resolve(wanted));
      if (!found?.startsWith('/')) continue;
      places[wanted] = found;
      add(found);
    }
    modules.set(file, source);
    required[file] = places;
  };
  add(entry);
  const table = [...modules].map(
    ([file, text]) => `${JSON.stringify(file)}: (module, exports, require) => {\n${text}\n},`,
  );
  return `globalThis.process ??= { env: {}, type: 'renderer' };
const modules = {\n${table.join('\n')}\n};
const required = ${JSON.stringify(required)};
const loaded = {};
function load(file) {
  if (!loaded[file]) {
    const module = (loaded[file] = { exports: {} });
    modules[file](module, module.exports, (wanted) => load(required[file][wanted]));
  }
  return loaded[file].exports;
}
globalThis.${name} = load(${JSON.stringify(entry)});`;
}

function tryTo(find: () => string): string | undefined {
  try {
    return find();
  } catch {
    return undefined; // for Node alone
  }
}
