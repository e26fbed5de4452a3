import { Fork, type ForkTarget, type SipRequest, type SipResponse } from '@rollcall/sip';
import type { EndpointTarget } from './forwarding.ts';

/**
 * How long a sender waits for an endpoint: well below timer F, after which it would give up and send its message again
 * while it is being stored. ms
 */
const PATIENCE_MS = 10_000;

/**
 * What came of it: an endpoint took it; one that was reached does not want it; nobody was reached; or nobody knows, since
 * the front end that it was handed to was lost before it answered.
 */
export interface ForkedMessage {
  readonly verdict: 'taken' | 'refused' | 'unreached' | 'unknown';
  readonly response: SipResponse;
  /** Of one that is still under way: whether an endpoint takes it in the end. */
  readonly late?: Promise<boolean>;
}

/** Sends a MESSAGE to all targets at once; resolves with the answer, or when its sender has waited long enough. */
export function forkMessage(
  request: SipRequest,
  targets: readonly (ForkTarget | EndpointTarget)[],
  timedOut: () => SipResponse,
): Promise<ForkedMessage> {
  return new Promise((resolve) => {
    let tellLate: ((taken: boolean) => void) | undefined;
    const patience = setTimeout(() => {
      const late = new Promise<boolean>((tell) => {
        tellLate = tell;
      });
      resolve({ verdict: 'unreached', response: timedOut(), late });
    }, PATIENCE_MS);
    const fork = new Fork({
      request,
      targets,
      parallel: true,
      respond(response) {
        if (response.status < 200) return;
        const taken = response.status < 300;
        if (tellLate) return tellLate(taken);
        clearTimeout(patience);
        resolve({ verdict: taken ? 'taken' : verdictOf(fork), response });
      },
    });
    fork.start();
  });
}

function verdictOf({ outcomes }: Fork<ForkTarget | EndpointTarget>): ForkedMessage['verdict'] {
  if (outcomes.some(({ status, local }) => local === undefined && !isAbsence(status))) return 'refused';
  const lost = outcomes.some(
    ({ target, local }) => local === 'transport' && 'handedOver' in target && target.handedOver,
  );
  return lost ? 'unknown' : 'unreached';
}

/** Answers of one that is not there, or cannot just now: the message is for later. Others say that it is not wanted. */
function isAbsence(status: number): boolean {
  return [408, 410, 430, 480, 481, 486, 487].includes(status) || (status >= 500 && status < 600);
}
