import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { FRONT_END_PASSWORD, REPLICATOR_PASSWORD, type TestServer } from './database-server.ts';

/** A deployed database of its own, for one test file. */
export interface TestDatabase {
  /** Of the superuser. */
  readonly url: string;
  /** Of a login that has the rights of rollcall_front_end. */
  readonly frontEndUrl: string;
  /** Of one that has those of rollcall_replicator. */
  readonly replicatorUrl: string;
  /** Rows as objects, over one connection of the superuser. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Another connection, closed by drop(). */
  connect(url?: string): Promise<pg.Client>;
  drop(): Promise<void>;
}

let created = 0;

/** Clones the template that the test run has deployed (database-service.ts), or makes an empty database. */
export async function createTestDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const server = await findServer();
  const name = `rollcall_test_${Date.now()}_${process.pid}_${++created}`;
  await administer(server.url, `create database ${name} template ${options.empty ? 'template1' : server.template}`);

  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const login = (role: string, password: string) => Object.assign(new URL(url), { username: role, password }).href;

  const clients: pg.Client[] = [];
  const open = async (connectionString = url.href) => {
    const client = await openClient(connectionString);
    clients.push(client);
    return client;
  };
  let main: Promise<pg.Client> | undefined;
  return {
    url: url.href,
    frontEndUrl: login('rollcall_front_end', FRONT_END_PASSWORD),
    replicatorUrl: login('rollcall_replicator', REPLICATOR_PASSWORD),
    query: async (sql, values) => {
      main ??= open();
      return (await (await main).query(sql, values)).rows;
    },
    connect: open,
    drop: async () => {
      await Promise.allSettled(clients.map((client) => client.end()));
      await administer(server.url, `drop database ${name} with (force)`);
    },
  };
}

async function findServer(): Promise<TestServer> {
  const path = process.env.ROLLCALL_TEST_DATABASE_SERVICE;
  if (!path)
    throw new Error('no test database: run the tests with vitest, whose global set-up is test/global-setup.ts');
  const socket = connect(path);
  await once(socket, 'connect');
  const answer = JSON.parse(await text(socket)) as TestServer | { error: string };
  if ('error' in answer) throw new Error(`no test database: ${answer.error}`);
  return answer;
}

/** A connection that survives the loss of its server without ending the process; the caller ends it. */
export async function openClient(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function administer(connectionString: string, sql: string): Promise<void> {
  const client = await openClient(connectionString);
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
