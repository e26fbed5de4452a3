import pg from 'pg';

/** Every error that this package rejects with. `sqlState` is PostgreSQL's, where it had a say. */
export class BackEndError extends Error {
  override readonly name: string = 'BackEndError';
  readonly sqlState: string | undefined;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.sqlState = options?.cause instanceof pg.DatabaseError ? options.cause.code : undefined;
  }
}

/** The back end did not answer in time, or the connection broke. Whether the call took effect is not known. */
export class BackEndUnavailableError extends BackEndError {
  override readonly name = 'BackEndUnavailableError';
}

/** Too many calls of a kind are waiting; this one was not tried. */
export class OverloadedError extends BackEndError {
  override readonly name = 'OverloadedError';
}

/** A value that PostgreSQL cannot store (a text with U+0000, a number out of range) or that a constraint refuses. Nothing was changed. */
export class InvalidValueError extends BackEndError {
  override readonly name = 'InvalidValueError';
}

/** The database is not deployed, or by another version than this one. */
export class NotDeployedError extends BackEndError {
  override readonly name = 'NotDeployedError';
}

/** Lost against another transaction; nothing was changed, the call may be repeated. */
export class ConflictError extends BackEndError {
  override readonly name = 'ConflictError';
}

/** The SQLSTATEs that mean something to callers: whole codes first, then classes. */
const classes: Readonly<Record<string, new (message: string, options?: { cause?: unknown }) => BackEndError>> = {
  '40001': ConflictError, // serialization_failure
  '40P01': ConflictError, // deadlock_detected
  '42883': NotDeployedError, // undefined_function
  '42501': NotDeployedError, // insufficient_privilege
  '3F000': NotDeployedError, // invalid_schema_name
  '3D000': BackEndUnavailableError, // invalid_catalog_name: the database does not exist (yet)
  '22': InvalidValueError, // data_exception
  '23': InvalidValueError, // integrity_constraint_violation
  '54': InvalidValueError, // program_limit_exceeded
  '08': BackEndUnavailableError, // connection_exception
  '25': BackEndUnavailableError, // read_only_sql_transaction: a standby took the connection
  '28': BackEndUnavailableError, // invalid_authorization_specification
  '53': BackEndUnavailableError, // insufficient_resources
  '55': BackEndUnavailableError, // lock_not_available
  '57': BackEndUnavailableError, // operator_intervention: timeouts, shutdown
  '58': BackEndUnavailableError, // system_error
};

/** The error of this package for whatever `pg` threw. */
export function toBackEndError(error: unknown): BackEndError {
  if (error instanceof BackEndError) return error;
  if (!(error instanceof pg.DatabaseError)) {
    // Not from the server: the connection could not be made, broke, or was silent for too long.
    return new BackEndUnavailableError(`the back end is unavailable: ${reasonOf(error)}`, { cause: error });
  }
  const code = error.code ?? '';
  const ErrorClass = classes[code] ?? classes[code.slice(0, 2)] ?? BackEndError;
  return new ErrorClass(`${error.message} (SQLSTATE ${code})`, { cause: error });
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
