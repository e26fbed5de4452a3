import { globSync } from 'node:fs';

/** The project's own TypeScript files, as paths from the root, sorted. */
export function sourceFiles(): string[] {
  return globSync(['{packages,services,db,bench,test,scripts}/**/*.ts', '*.ts'], {
    exclude: (path) => /(^|\/)node_modules$/.test(typeof path === 'string' ? path : String(path)),
  }).sort();
}
