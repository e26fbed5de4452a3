/** Time for the transactions: the process's own, or one that a test advances. */
export interface Clock {
  /** Milliseconds; only differences mean anything. */
  now(): number;
  /** Runs `run` once, `milliseconds` from now, and returns what cancels it. */
  after(milliseconds: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, run) {
    let due: NodeJS.Immediate | undefined;
    // Node runs timers before it reads sockets: after a hold-up, requests would be sent again whose answers are already here.
    const timer = setTimeout(() => {
      due = setImmediate(run);
    }, milliseconds);
    return () => {
      clearTimeout(timer);
      clearImmediate(due);
    };
  },
};
