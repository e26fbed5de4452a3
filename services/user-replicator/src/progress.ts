import type { Log } from '@rollcall/process';
import { Presets, SingleBar } from 'cli-progress';

/** Shows how far a run is. */
export interface Progress {
  /** Entries read so far; how many there are the directory does not say. */
  read(entries: number): void;
  applied(done: number, total: number): void;
  end(): void;
}

export const NO_PROGRESS: Progress = { read() {}, applied() {}, end() {} };

/** How often a log tells of a run that takes long, ms. */
const TELL_MS = 5000;

/** A bar on a terminal; elsewhere a line in the log every five seconds. */
export function showProgress(output: NodeJS.WriteStream, log: Log, now = () => performance.now()): Progress {
  return output.isTTY ? bar(output) : lines(log, now);
}

function bar(stream: NodeJS.WriteStream): Progress {
  const format = '{bar} {percentage}%  {value} of {total} entries {step}';
  const shown = new SingleBar({ stream, format, hideCursor: true }, Presets.shades_classic);
  shown.start(0, 0, { step: 'read' });
  return {
    read(entries) {
      shown.setTotal(entries);
      shown.update(0, { step: 'read' });
    },
    applied(done, total) {
      shown.setTotal(total);
      shown.update(done, { step: 'applied' });
    },
    end: () => shown.stop(),
  };
}

function lines(log: Log, now: () => number): Progress {
  let next = now() + TELL_MS;
  const tell = (fields: object, text: string) => {
    if (now() < next) return;
    next = now() + TELL_MS;
    log.info(fields, text);
  };
  return {
    read: (entries) => tell({ entries }, 'reading the directory'),
    applied: (done, total) => tell({ done, total }, 'applying what was read'),
    end() {},
  };
}
