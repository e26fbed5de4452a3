import { BackEndError, type Bus, type DirectoryLock } from '@rollcall/back-end';
import { DirectoryError, type DirectorySettings, type DirectorySource, openSource } from '@rollcall/directory';
import type { Log } from '@rollcall/process';
import { backOff, pause } from './back-off.ts';
import type { MappingFile } from './mapping/mapping.ts';
import type { ReplicatorMetrics } from './metrics.ts';
import { NO_PROGRESS, type Progress } from './progress.ts';
import { type IsFull, type RunOutcome, run } from './run.ts';
import { CONTINUOUS, Schedule } from './schedule.ts';
import type { ReplicationSettings } from './settings.ts';

export interface WorkerOptions {
  lock: DirectoryLock;
  bus: Bus;
  directory: DirectorySettings;
  mapping: MappingFile;
  settings: ReplicationSettings;
  log: Log;
  metrics: ReplicatorMetrics;
  progress: (() => Progress) | undefined;
}

/** `code`: of a DirectoryError; `back_end`, or `internal`. */
export type EndedRun = RunOutcome | { outcome: 'failed'; code: string; error: string };

/** How often a directory is looked at that cannot tell of changes, when it is followed continuously; and at most, however many it tells of, ms. */
const LOOK_MS = 1000;

/** Runs one after the other, as long as the lock is held. */
export class Worker {
  readonly #options: WorkerOptions;
  #source: DirectorySource | undefined;
  #tells = true;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Until the signal ends it: at once, then as the schedule says, or after a run that was not applied when it has been waited for. */
  async work(signal: AbortSignal): Promise<void> {
    const { settings, metrics } = this.#options;
    const schedule = new Schedule({ runs: settings.directorySchedule, full: settings.directoryFullSchedule });
    const wake = () => schedule.wake();
    const isFull = (lastFullAt: Date | undefined) => schedule.fullIsDue(lastFullAt, new Date());
    schedule.start();
    signal.addEventListener('abort', wake);
    metrics.working(true);
    try {
      for (let failures = 0; !signal.aborted; ) {
        const { outcome } = await this.#run(isFull, signal);
        failures = outcome === 'applied' ? 0 : failures + 1;
        if (failures > 0) await pause(backOff(failures, Math.random), signal);
        else if (!signal.aborted) await this.#untilNext(schedule, signal);
      }
    } finally {
      metrics.working(false);
      signal.removeEventListener('abort', wake);
      await schedule.stop();
      await this.#close();
    }
  }

  async once({ full }: { full: boolean }, signal: AbortSignal): Promise<EndedRun> {
    try {
      return await this.#run((lastFullAt) => full || lastFullAt === undefined, signal);
    } finally {
      await this.#close();
    }
  }

  async #untilNext(schedule: Schedule, signal: AbortSignal): Promise<void> {
    if (this.#options.settings.directorySchedule !== CONTINUOUS) {
      // A server drops connections that are silent for long.
      void this.#close();
      return await schedule.next();
    }
    const next = new AbortController();
    const either = AbortSignal.any([signal, next.signal]);
    const changed = Promise.all([this.#untilChange(either), pause(LOOK_MS, either)]);
    await Promise.race([changed, schedule.next()]);
    next.abort();
    await changed;
  }

  /** Ends at once where the directory cannot tell, or refuses to. */
  async #untilChange(signal: AbortSignal): Promise<void> {
    try {
      await this.#source?.waitForChange?.(signal);
      this.#tells = true;
    } catch (error) {
      const text = `the directory does not tell of changes, and is looked at every second: ${sentenceOf(error)}`;
      if (this.#tells) this.#options.log.warn(text);
      this.#tells = false;
    }
  }

  /** Never throws: what goes wrong is told, counted, and tried again. */
  async #run(isFull: IsFull, signal: AbortSignal): Promise<EndedRun> {
    const { lock, log, metrics } = this.#options;
    const began = performance.now();
    try {
      const outcome = await this.#runIn(isFull, signal);
      const seconds = (performance.now() - began) / 1000;
      metrics.ended(outcome, seconds, new Date());
      this.#tell(outcome, seconds);
      return outcome;
    } catch (error) {
      await this.#close();
      const failed = { outcome: 'failed' as const, code: codeOf(error), error: sentenceOf(error) };
      if (signal.aborted) return failed; // another replica goes on, or this one when it is started again
      metrics.failed(failed.code);
      const more = error instanceof DirectoryError ? {} : { err: error };
      log.error({ code: failed.code, ...more }, `the directory could not be followed: ${failed.error}`);
      await lock.failDirectoryRun({ code: failed.code, error: failed.error }).catch(() => {});
      return failed;
    }
  }

  async #runIn(isFull: IsFull, signal: AbortSignal): Promise<RunOutcome> {
    const { lock, bus, mapping, settings, progress } = this.#options;
    // What reads then fails.
    const close = () => void this.#close();
    signal.addEventListener('abort', close);
    try {
      return await run({
        ...{ lock, bus, mapping, isFull, signal },
        open: async () => {
          this.#source ??= await this.#open(signal);
          return this.#source;
        },
        disableLimitPercent: settings.directoryDisableLimit,
        graceDays: settings.directoryGraceDays,
        progress: (full) => (full && progress ? progress() : NO_PROGRESS),
      });
    } finally {
      signal.removeEventListener('abort', close);
    }
  }

  /** A server that does not answer keeps nobody from stopping. */
  async #open(signal: AbortSignal): Promise<DirectorySource> {
    const opening = openSource(this.#options.directory);
    const { promise, reject } = Promise.withResolvers<never>();
    const leave = () => {
      reject(signal.reason);
      void opening.then((source) => source.close()).catch(() => {});
    };
    signal.addEventListener('abort', leave);
    try {
      return await Promise.race([opening, promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #tell(outcome: RunOutcome, seconds: number): void {
    const { log, settings } = this.#options;
    if (outcome.outcome === 'too_many') {
      const { would, of } = outcome;
      log.error(
        { would, of },
        `nothing was applied: ${would} of ${of} enabled accounts would be disabled, and the limit is ${settings.directoryDisableLimit}%. If that is right: rollcall replicator allow`,
      );
      return;
    }
    const { counts, full } = outcome;
    const took = { full, seconds: Math.round(seconds * 1000) / 1000 };
    if (full || counts.entries > 0) log.info({ ...counts, ...took }, 'the directory was applied');
    else log.debug({ ...counts, ...took }, 'nothing has changed in the directory');
  }

  async #close(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.close().catch(() => {});
  }
}

function codeOf(error: unknown): string {
  if (error instanceof DirectoryError) return error.code;
  return error instanceof BackEndError ? 'back_end' : 'internal';
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
