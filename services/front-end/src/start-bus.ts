import { type Bus, makeBus } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';
import type { FrontEndMetrics } from './metrics.ts';
import type { FrontEndSettings } from './settings.ts';

/** Connects to the bus of the pool. One that is away keeps no front end from starting: everything is polled too. */
export async function startBus(settings: FrontEndSettings, metrics: FrontEndMetrics, log: Log): Promise<Bus> {
  const bus = makeBus({
    databaseUrl: settings.databaseUrl,
    redisUrl: settings.redisUrl,
    onChange(connected, error) {
      if (connected) log.info('the bus is back');
      else log.warn({ err: error }, 'the bus is away: what other front ends change is seen within 10 s');
    },
  });
  metrics.gauge('rollcall_bus_connected', '1 while the bus carries messages', () => Number(bus.connected));
  await bus.start();
  return bus;
}
