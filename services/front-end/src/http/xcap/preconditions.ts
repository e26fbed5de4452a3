import type { IncomingHttpHeaders } from 'node:http';

/** What `headers` ask of a resource that is there, with this entity tag, or is not. The tag without quotes. */
export type Verdict = 'go_on' | 'precondition_failed' | 'not_modified';

/** RFC 9110 §13.2.2, for the conditions that XCAP has (RFC 4825 §7.11). */
export function checkPreconditions(method: string, headers: IncomingHttpHeaders, etag: string | undefined): Verdict {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined && !holds(match, etag, false)) return 'precondition_failed';
  if (noneMatch === undefined || !holds(noneMatch, etag, true)) return 'go_on';
  return method === 'GET' || method === 'HEAD' ? 'not_modified' : 'precondition_failed';
}

export function quoteTag(etag: string): string {
  return `"${etag}"`;
}

/** Whether one of the tags is `etag`; a weak one counts where the comparison is weak (§8.8.3.2). */
function holds(value: string, etag: string | undefined, weak: boolean): boolean {
  if (etag === undefined) return false;
  if (value.trim() === '*') return true;
  return value.split(',').some((one) => {
    const tag = one.trim();
    return tag === quoteTag(etag) || (weak && tag === `W/${quoteTag(etag)}`);
  });
}
