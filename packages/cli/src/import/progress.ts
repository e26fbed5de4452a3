import { Presets, SingleBar } from 'cli-progress';

/** Shows how far an import is. */
export interface Progress {
  /** @param done rows handled so far */
  at(done: number): void;
  end(): void;
}

/** A bar on a terminal; elsewhere a line for every tenth of the work. */
export function showProgress(total: number, output: NodeJS.WriteStream = process.stderr): Progress {
  return output.isTTY ? bar(total, output) : lines(total, output);
}

function bar(total: number, stream: NodeJS.WriteStream): Progress {
  const shown = new SingleBar(
    { stream, format: '{bar} {percentage}%  {value} of {total} accounts  {eta_formatted} left', hideCursor: true },
    Presets.shades_classic,
  );
  shown.start(total, 0);
  return { at: (done) => shown.update(done), end: () => shown.stop() };
}

function lines(total: number, output: NodeJS.WritableStream): Progress {
  const step = Math.max(1_000, total / 10);
  let next = step;
  return {
    at(done) {
      if (done < next || done >= total) return;
      output.write(`${done} of ${total} accounts\n`);
      while (next <= done) next += step;
    },
    end() {},
  };
}
