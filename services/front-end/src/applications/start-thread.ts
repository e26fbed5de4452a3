import { Worker } from 'node:worker_threads';
import type { Log } from '@rollcall/process';
import type { SentMessage } from './application.ts';
import { ApplicationError } from './load.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

const START_MS = 10_000;
const MAXIMUM_HEAP_MB = 256;

const STARTING: SentMessage = { status: 503, reason: 'Starting Or Stopping' };

/** The front end's own: an application needs none of them. */
const SECRETS = new Set(['ROLLCALL_DATABASE_URL', 'ROLLCALL_REDIS_URL']);

type Ready = Extract<FromThread, { kind: 'ready' }>;

/** Resolves when the application has been loaded and started in a new thread. @throws ApplicationError */
export function startThread({ url, log }: { url: URL; log: Log }): Promise<Ready & { worker: Worker }> {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: { url: url.href },
    resourceLimits: { maxOldGenerationSizeMb: MAXIMUM_HEAP_MB },
    // What it prints is a log line, and never stands among what this process prints.
    stdout: true,
    stderr: true,
    execArgv: [],
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !SECRETS.has(name))),
  });
  for (const output of [worker.stdout, worker.stderr]) {
    output
      .setEncoding('utf8')
      .on('data', (text: string) => log.info({ application: url.href }, text.trimEnd().slice(0, 2000)));
  }
  return new Promise((resolve, reject) => {
    const listeners = {
      error: (error: unknown) => unusable(`it cannot be started: ${error instanceof Error ? error.stack : error}`),
      exit: () => unusable('its thread ended while it started'),
      message(message: FromThread) {
        if (message.kind === 'unusable') unusable(message.detail);
        if (message.kind === 'log') log.info({ application: url.href }, message.text);
        if (message.kind === 'send')
          worker.postMessage({ kind: 'sent', id: message.id, outcome: STARTING } satisfies ToThread);
        if (message.kind !== 'ready') return;
        settle();
        resolve({ ...message, worker });
      },
    };
    for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
    const settle = () => {
      clearTimeout(timer);
      for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
    };
    const unusable = (detail: string) => {
      settle();
      worker.on('error', () => {});
      void worker.terminate();
      reject(new ApplicationError(detail));
    };
    const timer = setTimeout(() => unusable(`it did not start within ${START_MS / 1000} s`), START_MS);
  });
}
