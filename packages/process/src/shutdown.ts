import type { EventEmitter } from 'node:events';
import type { Log } from './log.ts';

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** What has been opened so far. Everything that opens is added at once, with what closes it. */
export interface Opened {
  /** @throws StoppedError when a stop has been asked for meanwhile; what was just opened is closed with the rest */
  add(name: string, close: () => unknown): void;
  /** Stops the process as failed: for what dies on its own after the start, e.g. the database. */
  fail(error: Error): void;
}

/** Leaves a start that a signal has overtaken; never shown. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

export interface ShutdownOptions {
  log: Log;
  /** How long closing may take, ms. Past it the process ends with status 1. */
  deadline?: number;
  /** Ends the process at once: on a second signal and at the deadline. */
  exit?: (status: number) => void;
  /** The source of signals, uncaughtException and unhandledRejection. */
  process?: EventEmitter;
}

/** A terminal's Ctrl-C reaches the whole process group, and npm then forwards it: one key press, two signals. */
const ONE_KEY_PRESS = 500;

/**
 * Runs what `start` opens until SIGINT, SIGTERM or SIGHUP, then closes it in reverse order of opening.
 * A second signal ends the process at once. An uncaught exception or unhandled rejection is logged as fatal and ends it with status 1, after closing.
 *
 * @returns the exit status: 0 after a signal, 1 after a failure
 * @throws what `start` throws, after closing what it had opened
 */
export async function runUntilStopped(
  options: ShutdownOptions,
  start: (opened: Opened) => Promise<void>,
): Promise<number> {
  const { log, deadline = 15_000, exit = process.exit, process: source = process } = options;
  const closers: { name: string; close: () => unknown }[] = [];
  const stopped = Promise.withResolvers<number>();
  let stoppedAt: number | undefined;

  const stop = (status: number) => {
    if (stoppedAt !== undefined) return;
    stoppedAt = Date.now();
    setTimeout(() => {
      log.fatal(`not closed after ${deadline / 1000} s, ending at once`);
      exit(1);
    }, deadline).unref();
    stopped.resolve(status);
  };
  const fail = (error: unknown) => {
    log.fatal({ err: error }, 'stopping after a failure');
    stop(1);
  };
  const onSignal = (signal: StopSignal) => {
    if (stoppedAt !== undefined && Date.now() - stoppedAt > ONE_KEY_PRESS) {
      log.warn(`second ${signal}, ending at once`);
      exit(1);
    }
    if (stoppedAt === undefined) log.info(`${signal}, stopping`);
    stop(0);
  };
  const add = (name: string, close: () => unknown) => {
    closers.push({ name, close });
    if (stoppedAt !== undefined) throw new StoppedError();
  };

  const listeners = { uncaughtException: fail, unhandledRejection: fail } as const;
  for (const signal of STOP_SIGNALS) source.on(signal, onSignal);
  for (const [event, listener] of Object.entries(listeners)) source.on(event, listener);
  try {
    await start({ add, fail });
    return await stopped.promise;
  } catch (error) {
    if (error instanceof StoppedError) return await stopped.promise;
    // What fails because a stop overtook it is no news.
    if (stoppedAt !== undefined) return await stopped.promise;
    throw error;
  } finally {
    stop(1); // starts the deadline when the start failed
    await closeInReverse(closers, log);
    if (closers.length > 0) log.info('stopped');
    for (const signal of STOP_SIGNALS) source.off(signal, onSignal);
    for (const [event, listener] of Object.entries(listeners)) source.off(event, listener);
  }
}

/** One that fails to close does not keep the others open. */
async function closeInReverse(closers: { name: string; close: () => unknown }[], log: Log): Promise<void> {
  for (const { name, close } of closers.reverse()) {
    try {
      await close();
      log.debug(`${name} closed`);
    } catch (error) {
      log.error({ err: error }, `${name} did not close cleanly`);
    }
  }
}
