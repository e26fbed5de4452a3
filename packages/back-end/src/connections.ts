import pg from 'pg';
import { BackEndError, toBackEndError } from './errors.ts';

/** feature_not_supported: "cached plan must not change result type" */
const RESULT_CHANGED = '0A000';

export interface ConnectionOptions {
  databaseUrl: string;
  /** Connections at most; default 8. */
  connections?: number;
  /** Milliseconds after which PostgreSQL gives a statement up; default 10,000. */
  statementTimeout?: number;
  /** Milliseconds that making a connection, or waiting for one, may take; default 5,000. */
  connectTimeout?: number;
}

/** A call of a procedure. `name` is that of the prepared statement. */
export interface Call {
  name: string;
  text: string;
  values: unknown[];
}

/** Column values as they arrive: numbers, strings, booleans, Buffers, Dates, parsed JSON, text arrays. */
export type Row = readonly unknown[];

/** A few connections to the back end, made when needed and again after they broke. */
export class Connections {
  readonly #pool: pg.Pool;

  constructor(options: ConnectionOptions) {
    const statementTimeout = options.statementTimeout ?? 10_000;
    this.#pool = new pg.Pool({
      connectionString: options.databaseUrl,
      max: options.connections ?? 8,
      application_name: 'rollcall',
      connectionTimeoutMillis: options.connectTimeout ?? 5_000,
      statement_timeout: statementTimeout,
      // A server that fell silent, network and all, does not hold a call for ever.
      query_timeout: statementTimeout + 2_000,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
    });
    // An idle connection that breaks is dropped by the pool; the next call makes a new one.
    this.#pool.on('error', () => {});
    // One that breaks under a call says so twice: to the call, which gives it up, and as an event that the pool leaves to us.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  /** Resolves after the transaction has committed: `pg` waits for ReadyForQuery. Rejects with a BackEndError. */
  async call(call: Call): Promise<Row[]> {
    for (let others = this.#pool.options.max; ; others--) {
      try {
        return await this.#callOnce(call);
      } catch (error) {
        // A deploy has given the procedure another result since this connection prepared the statement. It did not run;
        // the connection is given up, and so may be the others.
        if (others === 0 || !(error instanceof BackEndError && error.sqlState === RESULT_CHANGED)) throw error;
      }
    }
  }

  async #callOnce(call: Call): Promise<Row[]> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw toBackEndError(error);
    }
    try {
      const result = await client.query<unknown[]>({ ...call, rowMode: 'array', types });
      client.release();
      return result.rows;
    } catch (error) {
      // After an error of the statement the connection is good; after any other, or a fatal one, it is not.
      const isGood = error instanceof pg.DatabaseError && error.severity === 'ERROR' && error.code !== RESULT_CHANGED;
      client.release(!isGood);
      throw toBackEndError(error);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

const number = (text: string): number => Number(text);
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [pg.types.builtins.BOOL]: (text) => text === 't',
  [pg.types.builtins.INT2]: number,
  [pg.types.builtins.INT4]: number,
  [pg.types.builtins.INT8]: number,
  [pg.types.builtins.BYTEA]: (text) => Buffer.from(text.slice(2), 'hex'),
  [pg.types.builtins.TEXT]: (text) => text,
};

export const types = {
  getTypeParser: (oid: number) => parsers[oid] ?? pg.types.getTypeParser(oid),
} as pg.CustomTypesConfig;
