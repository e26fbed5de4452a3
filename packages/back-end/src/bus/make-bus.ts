import type { Bus } from './bus.ts';
import { MessageBus, type MessageBusOptions } from './message-bus.ts';
import { openPostgresLink } from './postgres-bus.ts';
import { openRedisLink } from './redis-bus.ts';

export interface BusOptions extends Pick<MessageBusOptions, 'onChange'> {
  databaseUrl: string;
  /** Redis carries the messages instead of PostgreSQL; all processes of a pool must agree. */
  redisUrl?: string | undefined;
}

/** The bus of a pool, to be started. */
export function makeBus({ databaseUrl, redisUrl, ...options }: BusOptions): Bus {
  return new MessageBus({
    open: (events) =>
      redisUrl === undefined ? openPostgresLink(databaseUrl, events) : openRedisLink(redisUrl, events),
    ...options,
  });
}
