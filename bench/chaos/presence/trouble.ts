import { setTimeout as sleep } from 'node:timers/promises';
import type { UnsteadyDatabase } from '@rollcall/test-kit';
import type { FrontEndServer } from '../../servers/rollcall.ts';
import type { Chance } from './random.ts';
import type { PresenceChaosOptions, PresenceChaosResult } from './run.ts';

const LONGEST_HANG_S = 5;

export interface Troubled {
  /** One that was killed is replaced. */
  readonly frontEnds: FrontEndServer[];
  readonly unsteady: UnsteadyDatabase;
  /** The last one. */
  readonly hang: { until: number };
  start(): Promise<FrontEndServer>;
}

/** For some seconds front ends are killed and started anew, hang, or lose their connections to the database. */
export async function trouble(
  { frontEnds, start, unsteady, hang }: Troubled,
  chance: Chance,
  { seconds, killEvery }: Pick<PresenceChaosOptions, 'seconds' | 'killEvery'>,
  result: Pick<PresenceChaosResult, 'kills' | 'hangs' | 'cuts' | 'trace'>,
): Promise<void> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    await sleep(killEvery * 1000 * chance.between(0.5, 1.5));
    if (performance.now() > until) return;
    if (chance.happens(0.3)) {
      result.cuts += 1;
      result.trace.push(`${Math.round(performance.now())} connections to the database cut`);
      unsteady.cut();
      continue;
    }
    const at = chance.happens(0.5) ? 0 : 1;
    if (chance.happens(0.5)) {
      const seconds = chance.between(1, LONGEST_HANG_S);
      result.hangs += 1;
      result.trace.push(
        `${Math.round(performance.now())} front end ${frontEnds[at]!.addresses.tcp} hangs for ${seconds} s`,
      );
      hang.until = performance.now() + seconds * 1000;
      process.kill(frontEnds[at]!.process, 'SIGSTOP');
      await sleep(seconds * 1000);
      process.kill(frontEnds[at]!.process, 'SIGCONT');
      continue;
    }
    result.kills += 1;
    result.trace.push(`${Math.round(performance.now())} front end ${frontEnds[at]!.addresses.tcp} killed`);
    await frontEnds[at]!.kill();
    await sleep(1000);
    frontEnds[at] = await start();
  }
}
