import { Worker } from 'node:worker_threads';
import type { Log } from '@rollcall/process';
import { ApplicationError } from './load.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

const START_MS = 10_000;
const MAXIMUM_HEAP_MB = 256;

/** The front end's own: an application needs none of them. */
const SECRETS = { ROLLCALL_DATABASE_URL: undefined, ROLLCALL_REDIS_URL: undefined };

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
    env: { ...process.env, ...SECRETS },
  });
  for (const output of [worker.stdout, worker.stderr]) {
    output
      .setEncoding('utf8')
      .on('data', (text: string) => log.info({ application: url.href }, text.trimEnd().slice(0, 2000)));
  }
  const post = (message: ToThread) => worker.postMessage(message);
  return new Promise((resolve, reject) => {
    const unusable = (detail: string) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      worker.on('error', () => {});
      void worker.terminate();
      reject(new ApplicationError(detail));
    };
    const timer = setTimeout(() => unusable(`it did not start within ${START_MS / 1000} s`), START_MS);
    worker.on('error', (error) => unusable(`it cannot be started: ${error instanceof Error ? error.stack : error}`));
    worker.on('exit', () => unusable('its thread ended while it started'));
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'unusable') unusable(message.detail);
      if (message.kind === 'send') post({ kind: 'sent', id: message.id, outcome: { status: 503, reason: 'Starting' } });
      if (message.kind === 'log') log.info({ application: url.href }, message.text);
      if (message.kind !== 'ready') return;
      clearTimeout(timer);
      worker.removeAllListeners();
      resolve({ ...message, worker });
    });
  });
}
