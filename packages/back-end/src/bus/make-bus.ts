import type { Bus } from './bus.ts';
import { MessageBus, type MessageBusOptions } from './message-bus.ts';
import { openPostgresLink } from './postgres-bus.ts';

export interface BusOptions extends Pick<MessageBusOptions, 'onChange'> {
  databaseUrl: string;
  /** Redis carries the messages instead of PostgreSQL; all processes of a pool must agree. */
  redisUrl?: string | undefined;
}

/** The bus of a pool, to be started. */
export function makeBus({ databaseUrl, redisUrl, ...options }: BusOptions): Bus {
  return new MessageBus({
    async open(events) {
      if (redisUrl === undefined) return openPostgresLink(databaseUrl, events);
      // Not read where nobody asks for it: ioredis takes 80 ms and 28 MB.
      const { openRedisLink } = await import('./redis-bus.ts');
      return openRedisLink(redisUrl, events);
    },
    ...options,
  });
}
