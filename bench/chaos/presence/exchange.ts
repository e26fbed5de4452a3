import { setTimeout as sleep } from 'node:timers/promises';
import type { SipAnswer, SipClient, SipRequestOptions } from '@rollcall/test-kit';

/** No answer came, or 503: what the request was to do is done or not. */
export class LostError extends Error {}

/** A front end that hangs, or is no more, does not answer; the connection is as it was. */
export class UnansweredError extends LostError {}

/** Then a phone goes to another front end. */
const ANSWER_MS = 1500;

/** One request and its answer. @throws LostError; another error when no answer comes in 5 s and none may be missing */
export async function exchange(
  client: SipClient,
  request: SipRequestOptions,
  mayBeUnanswered: () => boolean,
): Promise<SipAnswer> {
  const lost = client.connection.ended.then(() => {
    throw new LostError('the connection has ended');
  });
  const patience = new AbortController();
  const unanswered = giveUp(mayBeUnanswered, patience.signal);
  for (const one of [lost, unanswered]) one.catch(() => {});
  try {
    const answer = await Promise.race([client.send(request), lost, unanswered]);
    if (answer.status === 503) throw new LostError('the database was away');
    return answer;
  } finally {
    patience.abort();
  }
}

async function giveUp(mayBeUnanswered: () => boolean, signal: AbortSignal): Promise<never> {
  for (;;) {
    await sleep(ANSWER_MS, undefined, { signal });
    if (mayBeUnanswered()) throw new UnansweredError('no answer');
  }
}
