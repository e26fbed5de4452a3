import type { SipResponse } from '../message/index.ts';

/** RFC 3261 §16.7 step 6: these tell the caller how to ask again, best first. */
const TELLING = [401, 407, 415, 420, 484];

/**
 * The response to choose of those that branches got, RFC 3261 §16.7 step 6: a 6xx if there is one, else one of the
 * lowest class, of which one that tells how to ask again, else the first. 408 and 430 (RFC 5626 §11.7) speak of one
 * stale endpoint, not of the user, and are never chosen: undefined when there is nothing else. `cancelled`: the
 * caller waits for a 487.
 */
export function bestResponse(responses: readonly SipResponse[], cancelled: boolean): SipResponse | undefined {
  let best: SipResponse | undefined;
  for (const response of responses) {
    if (response.status === 408 || response.status === 430) continue;
    if (best === undefined || rank(response.status, cancelled) < rank(best.status, cancelled)) best = response;
  }
  return best;
}

/** Lower is better. */
function rank(status: number, cancelled: boolean): number {
  if (status >= 600) return 0;
  const telling = TELLING.indexOf(status);
  const within = cancelled && status === 487 ? 0 : telling >= 0 ? 1 + telling : 9;
  return Math.floor(status / 100) * 10 + within;
}

/** RFC 3261 §16.7 step 7: a challenge carries those of the other branches as well. */
export function addChallenges(response: SipResponse, others: readonly SipResponse[]): void {
  if (!isChallenge(response)) return;
  for (const other of others) {
    if (other === response || !isChallenge(other)) continue;
    response.headers.appendAllOf(other.headers, 'WWW-Authenticate');
    response.headers.appendAllOf(other.headers, 'Proxy-Authenticate');
  }
}

function isChallenge({ status }: SipResponse): boolean {
  return status === 401 || status === 407;
}
