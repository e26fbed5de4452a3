import type { Log } from '@rollcall/process';

const QUIET_MS = 5000;

/** At most one line in five seconds: an outage fails every request, and the log is to be read. */
export function outageLog(log: Log, what = 'the back end'): (error: unknown) => void {
  let quietUntil = 0;
  return (error) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + QUIET_MS;
    log.error({ err: error }, `requests are answered 503: ${what} is unavailable`);
  };
}
