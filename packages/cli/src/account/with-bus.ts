import { type BackEnd, type Bus, makeBus, openBackEnd } from '@rollcall/back-end';
import { readSettings, redisUrl, z } from '@rollcall/process';
import { type Command, Option } from 'commander';
import { type ConnectionOptions, withDatabase } from '../connection.ts';

export interface BusOptions {
  redisUrl?: string;
}

const schema = z.object({ redisUrl: redisUrl().optional() });

export function addBusOption(command: Command): Command {
  return command.addOption(
    new Option('--redis-url <url>', 'Redis that tells front ends at once, where the pool was given one'),
  );
}

/** Runs `use` with the back end of a pool and the bus that tells its front ends of changes, and closes both. */
export async function withBus<T>(
  options: ConnectionOptions & BusOptions,
  use: (backEnd: BackEnd, bus: Bus) => Promise<T>,
): Promise<T> {
  const settings = readSettings(schema, { redisUrl: options.redisUrl });
  return await withDatabase(options, async (databaseUrl) => {
    const backEnd = await openBackEnd({ databaseUrl });
    const bus = makeBus({ databaseUrl, redisUrl: settings.redisUrl });
    try {
      const [result] = await Promise.all([use(backEnd, bus), bus.start()]);
      if (!bus.connected && settings.redisUrl !== undefined) {
        process.stderr.write('Redis does not answer: front ends will notice within 10 seconds.\n');
      }
      return result;
    } finally {
      await bus.close();
      await backEnd.close();
    }
  });
}
