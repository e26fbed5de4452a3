import pg from 'pg';
import type { Link, LinkEvents } from './message-bus.ts';

const TIMEOUT_MS = 5000;
/** NOTIFY takes less than 8,000. */
const MESSAGE_BYTES = 7900;

/** LISTEN and NOTIFY, on a connection of its own: nothing to run beside PostgreSQL. */
export async function openPostgresLink(databaseUrl: string, events: LinkEvents): Promise<Link> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: 'rollcall bus',
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', (error) => events.ended(error));
  client.on('end', () => events.ended());
  client.on('notification', ({ payload }) => events.message(payload ?? ''));
  try {
    await client.connect();
    // api.notify names the same channel.
    await client.query('listen rollcall');
  } catch (error) {
    void client.end().catch(() => {});
    throw error;
  }
  return {
    messageBytes: MESSAGE_BYTES,
    send: async (messages) => {
      await client.query({ name: 'notify', text: 'select api.notify($1)', values: [messages] });
    },
    check: async () => {
      await client.query('select');
    },
    close: () => client.end(),
  };
}
