import { readFile } from 'node:fs/promises';
import { type BackEnd, type Bus, type DirectoryLock, makeBus, openBackEnd } from '@rollcall/back-end';
import { readDirectorySettings } from '@rollcall/directory';
import { type Log, type Registry, SettingsError } from '@rollcall/process';
import { addressOf, openHttp } from './http.ts';
import { type MappingFile, parseMapping } from './mapping/mapping.ts';
import { makeReplicatorMetrics } from './metrics.ts';
import type { Progress } from './progress.ts';
import type { ReplicationSettings } from './settings.ts';
import { Turns } from './turns.ts';
import { type EndedRun, Worker } from './worker.ts';

export interface UserReplicatorOptions {
  settings: ReplicationSettings;
  log: Log;
  metrics: Registry;
  /** Serves health and metrics, unless somebody else does. */
  http?: { host: string; port: number };
  /** Shows how far a run is that reads everything. */
  progress?: () => Progress;
}

export interface RunningUserReplicator {
  /** `host:port` of health and metrics, where they are served. */
  readonly address: string | undefined;
  /** Ends the run that goes on, and lets another replica work. */
  stop(): Promise<void>;
}

/** Starts one replica: it works when no other one does. When a part fails to start, those before it are closed again. */
export async function startUserReplicator(options: UserReplicatorOptions): Promise<RunningUserReplicator> {
  const opened = await open(options);
  const turns = new Turns({ ...opened, log: options.log });
  turns.start();
  const close = async () => {
    await turns.stop();
    await opened.close();
  };
  if (!options.http) return { address: undefined, stop: close };
  try {
    const server = await openHttp({ ...options.http, metrics: options.metrics, notReady: () => turns.notReady() });
    const stop = async () => {
      server.close();
      server.closeAllConnections();
      await close();
    };
    return { address: addressOf(server), stop };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits for its turn, works once, and ends. @param signal ends it before */
export async function replicateOnce(
  options: UserReplicatorOptions & { full: boolean },
  signal: AbortSignal,
): Promise<EndedRun> {
  const opened = await open(options);
  const turns = new Turns({ ...opened, log: options.log });
  try {
    return await turns.once({ full: options.full }, signal);
  } finally {
    await opened.close();
  }
}

interface Opened {
  backEnd: BackEnd;
  bus: Bus;
  /** Who works while the lock is held. */
  worker(lock: DirectoryLock): Worker;
  close(): Promise<void>;
}

async function open({ settings, log, metrics, progress }: UserReplicatorOptions): Promise<Opened> {
  const directory = readDirectorySettings(settings);
  const mapping = await readMapping(settings.directoryMapping);
  const { databaseUrl, redisUrl } = settings;
  const backEnd = await openBackEnd({ databaseUrl, connections: 2 });
  const bus = makeBus({
    ...{ databaseUrl, redisUrl },
    onChange(connected, error) {
      if (connected) log.info('the bus is back');
      else log.warn({ err: error }, 'the bus is away: front ends see within 10 s what runs change');
    },
  });
  await bus.start();
  const figures = makeReplicatorMetrics(metrics);
  return {
    ...{ backEnd, bus },
    worker: (lock) => new Worker({ lock, bus, directory, mapping, settings, log, metrics: figures, progress }),
    close: async () => {
      await bus.close();
      await backEnd.close();
    },
  };
}

async function readMapping(file: string | undefined): Promise<MappingFile> {
  if (file === undefined) return {};
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SettingsError([`--directory-mapping: ${file} cannot be read (${error.code}).`]);
  });
  return parseMapping(text, file);
}
