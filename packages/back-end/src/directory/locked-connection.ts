import pg from 'pg';
import { callAgain } from '../call-again.ts';
import { type Call, type ConnectionOptions, type Row, types } from '../connections.ts';
import { toBackEndError } from '../errors.ts';

/** A run looks at all of a directory in one statement. ms */
const STATEMENT_MS = 60_000;

/** The connection that holds a lock: unlike those of `Connections` it is never made again, since the lock went with it. */
export class LockedConnection {
  readonly #client: pg.Client;
  /** Resolves when the connection has gone. */
  readonly lost: Promise<void>;
  #isLost = false;

  constructor(options: ConnectionOptions) {
    this.#client = new pg.Client({
      connectionString: options.databaseUrl,
      application_name: 'rollcall user-replicator',
      connectionTimeoutMillis: options.connectTimeout ?? 5_000,
      statement_timeout: STATEMENT_MS,
      query_timeout: STATEMENT_MS + 2_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 1_000,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    const lose = () => {
      this.#isLost = true;
      resolve();
    };
    this.lost = promise;
    this.#client.on('end', lose);
    this.#client.on('error', lose);
  }

  async connect(): Promise<void> {
    await this.#client.connect().catch((error: unknown) => {
      throw toBackEndError(error);
    });
  }

  /** As Connections.call; a call whose end is not known gives the connection up. */
  async call(call: Call): Promise<Row[]> {
    try {
      if (this.#isLost) throw new Error('the lock of the directory is lost');
      return (await this.#client.query<unknown[]>({ ...call, rowMode: 'array', types })).rows;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.severity === 'ERROR')) await this.close();
      throw toBackEndError(error);
    }
  }

  /** As callAgain. */
  callAgain(call: Call): Promise<Row[]> {
    return callAgain(this, call);
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
  }
}
