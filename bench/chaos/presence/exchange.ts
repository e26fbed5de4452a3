import { setTimeout as sleep } from 'node:timers/promises';
import type { SipAnswer, SipClient, SipRequestOptions } from '@rollcall/test-kit';
import type { PresencePhone } from './phone.ts';

/** No answer came, or 503: what the request was to do is done or not. */
export class LostError extends Error {}

/** A front end that hangs, or is no more, does not answer; the connection is as it was. */
export class UnansweredError extends LostError {}

/** Then a phone goes to another front end. */
const ANSWER_MS = 1500;
const AGAIN_MS = 50;

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

/** Until an answer comes: for what may be done twice. `lost` tells whether it was sent more than once. */
export async function insist(
  phone: PresencePhone,
  request: () => SipRequestOptions,
): Promise<{ answer: SipAnswer; lost: boolean }> {
  for (let lost = false; ; lost = true) {
    try {
      return { answer: await phone.send(request), lost };
    } catch (error) {
      if (!(error instanceof LostError) || phone.closed) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

async function giveUp(mayBeUnanswered: () => boolean, signal: AbortSignal): Promise<never> {
  for (;;) {
    await sleep(ANSWER_MS, undefined, { signal });
    if (mayBeUnanswered()) throw new UnansweredError('no answer');
  }
}
