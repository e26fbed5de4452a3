import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { redactLine } from './redact.ts';

/** The log that is handed to every part; `log.child({ callId })` adds fields. */
export type Log = Logger;

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  level?: LogLevel;
  /** Coloured lines for people instead of JSON; default: when the destination is a terminal. */
  pretty?: boolean;
  /** Where lines go; default: stdout. */
  destination?: NodeJS.WriteStream | NodeJS.WritableStream;
}

/** A pino log without secrets (see redact.ts): JSON lines with ISO times and named levels, or readable lines on a terminal. */
export function createLog(options: LogOptions = {}): Log {
  const destination = options.destination ?? process.stdout;
  const readable = options.pretty ?? ('isTTY' in destination && destination.isTTY === true);
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redactLine },
    },
    readable ? pretty({ destination, colorize: true, translateTime: 'SYS:HH:MM:ss.l', sync: true }) : destination,
  );
}
