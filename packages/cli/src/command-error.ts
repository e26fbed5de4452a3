/** Exit statuses of `rollcall`. */
export const FAILURE = 1;
export const USAGE = 2;

/** What ends a command: one sentence for the person at the terminal, saying what to do where that is known. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: typeof FAILURE | typeof USAGE;

  constructor(sentence: string, options: { status?: typeof FAILURE | typeof USAGE; cause?: unknown } = {}) {
    super(sentence, { cause: options.cause });
    this.status = options.status ?? FAILURE;
  }
}

/** A command that was called wrongly. */
export function usageError(sentence: string): CommandError {
  return new CommandError(sentence, { status: USAGE });
}
