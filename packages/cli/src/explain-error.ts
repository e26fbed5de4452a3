import { BackEndError, BackEndUnavailableError, NotDeployedError } from '@rollcall/back-end';
import { LocalDatabaseError } from '@rollcall/local-database';
import { SettingsError } from '@rollcall/process';
import { CommandError, FAILURE, USAGE } from './command-error.ts';

/** What the person at the terminal is told, and the exit status. */
export function explainError(error: unknown): { sentence: string; status: number } {
  if (error instanceof CommandError) return { sentence: error.message, status: error.status };
  if (error instanceof SettingsError) return { sentence: error.message, status: USAGE };
  if (error instanceof NotDeployedError)
    return {
      sentence: 'The database has no back end of this version. `rollcall deploy` puts it there.',
      status: FAILURE,
    };
  if (error instanceof BackEndUnavailableError)
    return { sentence: `The database cannot be used: ${error.message}.`, status: FAILURE };
  if (error instanceof LocalDatabaseError) return { sentence: error.message, status: FAILURE };
  // By its name, so that commands without a front end need not load it.
  if (error instanceof Error && ['ListenError', 'ClientAuthoritiesError'].includes(error.name))
    return { sentence: error.message, status: FAILURE };
  if (error instanceof Error && error.name === 'ApplicationError') return { sentence: error.message, status: USAGE };
  if (error instanceof BackEndError) return { sentence: `${error.message}.`, status: FAILURE };
  const message = error instanceof Error ? error.message : String(error);
  return { sentence: `rollcall failed: ${message} (--log-level debug shows where)`, status: FAILURE };
}
