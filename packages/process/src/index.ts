export { createLog, LOG_LEVELS, type Log, type LogLevel, type LogOptions } from './log.ts';
export { Counter, createMetrics, Gauge, Histogram, Registry } from './metrics.ts';
export { redactLine } from './redact.ts';
export {
  choices,
  databaseUrl,
  logLevel,
  nameServers,
  networks,
  origins,
  port,
  redisUrl,
  texts,
  wholeNumber,
} from './setting-types.ts';
export { flagOf, readSettings, SettingsError, variableOf, z } from './settings.ts';
export { type Opened, runUntilStopped, type ShutdownOptions, StoppedError } from './shutdown.ts';
