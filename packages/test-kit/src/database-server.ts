import { createConnection } from 'node:net';
import { deploy } from '@rollcall/back-end';
import { startLocalDatabase } from '@rollcall/local-database';
import pg from 'pg';

/** A PostgreSQL for one test run, with a deployed database to clone. */
export interface TestServer {
  /** Of the superuser and its own database. */
  readonly url: string;
  readonly template: string;
}

export const FRONT_END_PASSWORD = 'front end of the tests';
export const REPLICATOR_PASSWORD = 'user replicator of the tests';

/** Nothing here is to survive a power cut. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', max_connections: 200, shared_buffers: '128MB' };
const IMAGE = 'postgres:18';

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * ROLLCALL_TEST_DATABASE chooses: "container", "embedded", or the URL of a superuser. Without it: a container where a
 * Docker engine answers and has, or gets, the image; the embedded server, in `folder`, elsewhere.
 */
export async function startTestServer(folder: string): Promise<TestServer & Server> {
  const choice = process.env.ROLLCALL_TEST_DATABASE ?? 'any';
  const server = choice.includes('://') ? { url: choice, stop: async () => {} } : await startServer(choice, folder);
  const template = `rollcall_test_${Date.now()}_${process.pid}_template`;
  const url = new URL(server.url);
  url.pathname = `/${template}`;
  await dropStaleDatabases(server.url);
  await query(server.url, `create database ${template}`);
  await deploy({
    databaseUrl: url.href,
    frontEndPassword: FRONT_END_PASSWORD,
    replicatorPassword: REPLICATOR_PASSWORD,
  });
  return {
    url: server.url,
    template,
    stop: async () => {
      await query(server.url, `drop database if exists ${template} with (force)`);
      await server.stop();
    },
  };
}

async function startServer(choice: string, folder: string): Promise<Server> {
  if (choice === 'container') return startContainer();
  if (choice === 'embedded') return startEmbedded(folder);
  if (choice !== 'any') throw new Error(`ROLLCALL_TEST_DATABASE is "${choice}": not container, embedded or a URL`);
  if (!(await dockerAnswers())) return startEmbedded(folder);
  return startContainer().catch(() => startEmbedded(folder));
}

async function startContainer(): Promise<Server> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer(IMAGE)
    .withEnvironment({
      POSTGRES_PASSWORD: 'test',
      POSTGRES_INITDB_ARGS: '--locale-provider=builtin --builtin-locale=C.UTF-8',
    })
    .withCommand(['postgres', ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])])
    .withExposedPorts(5432)
    // The image starts PostgreSQL once to make the database, and then for good.
    .withWaitStrategy(Wait.forLogMessage('database system is ready to accept connections', 2))
    .start();
  const url = `postgresql://postgres:test@${container.getHost()}:${container.getMappedPort(5432)}/postgres`;
  return { url, stop: async () => void (await container.stop()) };
}

/** A Docker engine that is not there is found out before its library is loaded. */
async function dockerAnswers(): Promise<boolean> {
  if (process.env.DOCKER_HOST) return true;
  return new Promise((resolve) => {
    const socket = createConnection('/var/run/docker.sock');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function startEmbedded(folder: string): Promise<Server> {
  const { url, stop } = await startLocalDatabase({ folder, settings: SETTINGS });
  return { url, stop };
}

/** Of runs that were killed, on a server that outlives them. */
async function dropStaleDatabases(url: string): Promise<void> {
  const rows = await query<{ datname: string }>(
    url,
    "select datname from pg_database where datname like 'rollcall\\_test\\_%'",
  );
  for (const { datname } of rows) {
    if (Number(datname.split('_')[2]) < Date.now() - 3_600_000)
      await query(url, `drop database if exists ${datname} with (force)`);
  }
}

async function query<Row extends pg.QueryResultRow>(connectionString: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
