import { Redis } from 'ioredis';
import type { Link, LinkEvents } from './message-bus.ts';

const TIMEOUT_MS = 5000;
const MESSAGE_BYTES = 65_536;

/**
 * PUBLISH and SUBSCRIBE of Redis, over two connections: one that subscribes may do nothing else. The channel has the number of
 * the database in its name, so that pools can share a Redis: `redis://redis.example.org/1`.
 */
export async function openRedisLink(redisUrl: string, events: LinkEvents): Promise<Link> {
  const open = () => {
    const redis = new Redis(redisUrl, {
      lazyConnect: true,
      connectTimeout: TIMEOUT_MS,
      commandTimeout: TIMEOUT_MS,
      // Whoever owns this link opens another one.
      retryStrategy: () => null,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectionName: 'rollcall-bus',
    });
    redis.on('error', () => {});
    redis.on('close', () => events.ended());
    return redis;
  };
  const publisher = open();
  const subscriber = open();
  const channel = `rollcall:${publisher.options.db ?? 0}`;
  const close = async () => {
    publisher.disconnect();
    subscriber.disconnect();
  };
  subscriber.on('message', (_channel, text) => events.message(text));
  try {
    await Promise.all([publisher.connect(), subscriber.connect()]);
    await subscriber.subscribe(channel);
  } catch (error) {
    void close();
    throw error;
  }
  return {
    messageBytes: MESSAGE_BYTES,
    send: async (messages) => {
      await Promise.all(messages.map((message) => publisher.publish(channel, message)));
    },
    check: async () => {
      await Promise.all([publisher.ping(), subscriber.ping()]);
    },
    close,
  };
}
