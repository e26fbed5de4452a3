import { parentPort, workerData } from 'node:worker_threads';
import type { ApplicationHost, SentMessage, ServerApplication } from './application.ts';
import { checkMessage } from './check-message.ts';
import { loadApplication } from './load.ts';
import { runApplication } from './run.ts';
import { readSetting } from './setting.ts';
import type { FromThread, ToThread } from './thread-messages.ts';
import { failed } from './verdict.ts';

// The thread of one application: it may throw, block or exit here, and the front end goes on.

const port = parentPort!;
const post = (message: FromThread) => port.postMessage(message);
const sending = new Map<number, (outcome: SentMessage) => void>();
let messages = 0;

function makeHost(name: string): ApplicationHost {
  return Object.freeze({
    setting: (setting) => readSetting(process.env, name, setting),
    log: (text) => post({ kind: 'log', text: String(text).slice(0, 2000) }),
    send(message) {
      const checked = checkMessage(message);
      if (typeof checked === 'string') return Promise.resolve({ status: 400, reason: checked });
      messages += 1;
      const id = messages;
      return new Promise((resolve) => {
        sending.set(id, resolve);
        post({ kind: 'send', id, message: checked });
      });
    },
  } satisfies ApplicationHost);
}

function receive(application: ServerApplication, message: ToThread): void {
  switch (message.kind) {
    case 'request': {
      const { id, data } = message;
      const onLater = (failure: ReturnType<typeof failed>) => post({ kind: 'later', failure });
      void runApplication(application, data, onLater).then((verdict) => post({ kind: 'verdict', id, verdict }));
      return;
    }
    case 'sent':
      sending.get(message.id)?.(message.outcome);
      sending.delete(message.id);
      return;
    case 'ping':
      post({ kind: 'pong' });
      return;
    case 'stop':
      void Promise.try(() => application.stop?.())
        .catch((error) => post({ kind: 'later', failure: failed('threw', error) }))
        .finally(() => post({ kind: 'stopped' }));
  }
}

async function main(): Promise<void> {
  try {
    const application = await loadApplication(new URL(workerData.url));
    port.on('message', (message: ToThread) => receive(application, message));
    await application.start?.(makeHost(application.name));
    post({ kind: 'ready', name: application.name, methods: application.methods });
  } catch (error) {
    const { name, message, stack } = error as Error;
    post({
      kind: 'unusable',
      detail: name === 'ApplicationError' ? message : `it cannot be started: ${stack ?? error}`,
    });
  }
}

await main();
