/** Why an application was passed over for a request; the label `why` of its failures. */
export type FailureReason =
  /** It threw or rejected. */
  | 'threw'
  /** It gave no verdict in time. */
  | 'timed_out'
  /** It asked for what cannot be. */
  | 'invalid'
  /** It gave a second verdict: the first one holds. */
  | 'twice'
  /** Its thread ended: an error outside of a request, `process.exit`, no memory, or ended because it hung. */
  | 'died'
  /** Too many requests wait for it. */
  | 'overloaded';

export type Change =
  | { readonly change: 'set'; readonly name: string; readonly value: string }
  | { readonly change: 'remove'; readonly name: string }
  | { readonly change: 'body'; readonly body: Uint8Array; readonly contentType: string };

export interface Failure {
  readonly verdict: 'failed';
  readonly why: FailureReason;
  /** For the log: what was wrong and where. */
  readonly detail: string;
}

export interface Answer {
  readonly verdict: 'answer';
  readonly status: number;
  readonly reason: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** What an application made of one request: plain data, since it comes from another thread. */
export type Verdict =
  | Answer
  | { readonly verdict: 'pass'; readonly changes: readonly Change[] }
  | { readonly verdict: 'route'; readonly uri: string; readonly changes: readonly Change[] }
  | Failure;

export function failed(why: FailureReason, error: unknown): Failure {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { verdict: 'failed', why, detail: detail.slice(0, 2000) };
}
