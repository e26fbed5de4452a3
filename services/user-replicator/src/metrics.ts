import { Counter, Gauge, Histogram, type Registry } from '@rollcall/process';
import type { RunOutcome } from './run.ts';

export type ReplicatorMetrics = ReturnType<typeof makeReplicatorMetrics>;

/** Of the changes that a run counts. */
const CHANGES = ['added', 'changed', 'disabled', 'removed', 'skipped'] as const;

/** The figures of one replica. Those of runs come from the one that has the lock. */
export function makeReplicatorMetrics(registry: Registry) {
  const registers = [registry];
  const runs = new Counter({
    ...{ registers, name: 'rollcall_directory_runs_total', labelNames: ['outcome'] },
    help: 'Runs of this replica by outcome: applied, too_many, failed',
  });
  const errors = new Counter({
    ...{ registers, name: 'rollcall_directory_errors_total', labelNames: ['code'] },
    help: 'Runs that failed, by what went wrong',
  });
  const seconds = new Histogram({
    ...{ registers, name: 'rollcall_directory_run_seconds', buckets: [0.05, 0.2, 1, 5, 20, 60, 300] },
    help: 'How long runs took that were applied',
  });
  const entries = new Counter({
    ...{ registers, name: 'rollcall_directory_entries_total' },
    help: 'Entries that the directory sent',
  });
  const changes = new Counter({
    ...{ registers, name: 'rollcall_directory_changes_total', labelNames: ['change'] },
    help: 'What runs did to accounts: added, changed, disabled, removed (gone in the directory), or skipped',
  });
  const conflicts = new Gauge({
    ...{ registers, name: 'rollcall_directory_conflicts' },
    help: 'Entries whose address belongs to another account',
  });
  const appliedAt = new Gauge({
    ...{ registers, name: 'rollcall_directory_applied_timestamp_seconds' },
    help: 'When a run of this replica was last applied; 0: not yet',
  });
  const working = new Gauge({
    ...{ registers, name: 'rollcall_directory_working' },
    help: '1 in the replica that works, 0 in those that wait',
  });
  for (const outcome of ['applied', 'too_many', 'failed']) runs.inc({ outcome }, 0);
  for (const change of CHANGES) changes.inc({ change }, 0);

  return {
    working: (does: boolean) => working.set(Number(does)),
    failed(code: string) {
      runs.inc({ outcome: 'failed' });
      errors.inc({ code });
    },
    ended(outcome: RunOutcome, tookSeconds: number, now: Date) {
      runs.inc({ outcome: outcome.outcome });
      if (outcome.outcome !== 'applied') return;
      seconds.observe(tookSeconds);
      entries.inc(outcome.counts.entries);
      for (const change of CHANGES) changes.inc({ change }, outcome.counts[change]);
      conflicts.set(outcome.counts.conflicts);
      appliedAt.set(now.getTime() / 1000);
    },
  };
}
