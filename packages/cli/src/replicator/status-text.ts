import type { DirectoryStatus } from '@rollcall/back-end';

/** The status for a person at a terminal. */
export function statusText(status: DirectoryStatus, now: Date): string {
  const { holder, heldSince, cookieAt, lastFullAt, allowedPercent, accounts, problems } = status;
  const ago = (then: Date | undefined) => (then ? `${durationText(now.getTime() - then.getTime())} ago` : 'never');
  const lines: [title: string, text: string][] = [
    ['Works', holder ? `${holder}${heldSince ? `, since ${durationText(+now - +heldSince)}` : ''}` : 'no replica'],
    ['Read up to', ago(cookieAt)],
    ['Latest run', runText(status, now)],
    ['Compared all', ago(lastFullAt)],
    ['Accounts', `${accounts.enabled} enabled, ${accounts.disabled} disabled, ${accounts.gone} gone`],
    ['Problems', problems === 0 ? 'none' : `${problems} (rollcall replicator problems)`],
  ];
  if (allowedPercent !== undefined) lines.push(['Allowed', `the next run may disable up to ${allowedPercent}%`]);
  return lines.map(([title, text]) => `${title.padEnd(14)}${text}`).join('\n');
}

function countsText(counts: DirectoryStatus['run']['counts']): string {
  return COUNTS.flatMap((name) => (counts[name] === undefined ? [] : `${counts[name]} ${name}`)).join(', ');
}

const COUNTS = ['entries', 'added', 'changed', 'disabled', 'removed', 'conflicts', 'skipped'] as const;

function runText({ run }: DirectoryStatus, now: Date): string {
  if (!run.startedAt) return 'none yet';
  const began = `${durationText(now.getTime() - run.startedAt.getTime())} ago${run.full ? ', of everything' : ''}`;
  switch (run.outcome) {
    case 'failed':
      return `${began}: failed (${run.errorCode ?? 'internal'}): ${run.error}`;
    case 'too_many':
      return `${began}: changed nothing, since ${run.would} of ${run.of} enabled accounts would have been disabled. If that is right: rollcall replicator allow`;
    case 'applied':
      return `${began}: ${countsText(run.counts)}`;
    default:
      return `${began}: goes on, or ended with its process`;
  }
}

/** `5 s`, `3 min`, `7 h`, `12 d` */
function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}
