import type { IncomingHttpHeaders } from 'node:http';

export type Verdict = 'go_on' | 'precondition_failed' | 'not_modified';

export interface Condition {
  /** Of the document, which is that of all its parts (RFC 4825 §8.5); without quotes. Absent: there is no document. */
  etag: string | undefined;
  /** The document, or the part of it that the request names, is there. */
  exists: boolean;
}

/**
 * RFC 9110 §13.2.2, for the conditions that XCAP has (RFC 4825 §7.11). A tag in If-Match is the document's also for an element
 * that is yet to be made: so a client inserts one only where nobody else has changed anything.
 */
export function checkPreconditions(method: string, headers: IncomingHttpHeaders, condition: Condition): Verdict {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  const { etag, exists } = condition;
  if (match !== undefined && !(isAny(match) ? exists : names(match, etag, false))) return 'precondition_failed';
  if (noneMatch === undefined || !exists || !(isAny(noneMatch) || names(noneMatch, etag, true))) return 'go_on';
  return method === 'GET' || method === 'HEAD' ? 'not_modified' : 'precondition_failed';
}

export function quoteTag(etag: string): string {
  return `"${etag}"`;
}

function isAny(value: string): boolean {
  return value.trim() === '*';
}

/** Whether one of the tags is `etag`; a weak one counts where the comparison is weak (§8.8.3.2). */
function names(value: string, etag: string | undefined, weak: boolean): boolean {
  return (
    etag !== undefined &&
    value.split(',').some((one) => {
      const tag = one.trim();
      return tag === quoteTag(etag) || (weak && tag === `W/${quoteTag(etag)}`);
    })
  );
}
