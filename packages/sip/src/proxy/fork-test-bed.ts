import { createResponse, type SipRequest, type SipResponse, topVia } from '../message/index.ts';
import type { ClientTransactionUser } from '../transaction/index.ts';
import { testRequest } from '../transaction/test-bed.ts';
import type { ForkTarget } from './branch.ts';
import { Fork, type ForkOptions } from './fork.ts';
import { forwardedRequest } from './forwarded-request.ts';

/** A target whose branch says what the test says. */
export class TestTarget implements ForkTarget {
  readonly q: number;
  readonly name: string;
  readonly onStart: ((target: TestTarget) => void) | undefined;
  started = false;
  cancels = 0;
  maxBreadth = 0;
  request: SipRequest | undefined;
  user: ClientTransactionUser | undefined;

  constructor(name: string, q = 1000, onStart?: (target: TestTarget) => void) {
    this.name = name;
    this.q = q;
    this.onStart = onStart;
  }

  start(user: ClientTransactionUser, maxBreadth: number): { cancel(): void } {
    this.started = true;
    this.user = user;
    this.maxBreadth = maxBreadth;
    this.onStart?.(this);
    return { cancel: () => this.cancels++ };
  }

  answers(status: number, headers: [string, string][] = []): void {
    const via: [string, string] = ['Via', `SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK${this.name}`];
    const request = forwardedRequest(this.request!, { prepend: [via] });
    this.user!.response(createResponse(request, status, undefined, { toTag: this.name, headers }));
  }
}

/** A fork to these targets, and what it says: a status and whose answer it is (`here` for one of its own). */
export function startFork(
  targets: TestTarget[],
  { method = 'INVITE', headers = [], ...options }: Partial<ForkOptions> & { method?: string; headers?: string[] } = {},
) {
  const request = testRequest(method, { headers });
  const told: string[] = [];
  const responses: SipResponse[] = [];
  for (const target of targets) target.request = request;
  const fork = new Fork({
    request,
    targets,
    respond: (response) => {
      responses.push(response);
      const tag = /;tag=(.*)$/.exec(response.headers.get('To') ?? '')?.[1] ?? '';
      const from = targets.some(({ name }) => name === tag) ? tag : 'here';
      // What goes upstream has the caller's Via on top.
      if (topVia(response).branch !== 'z9hG4bKabc') throw new Error('The Via of the branch is still there');
      told.push(`${response.status} ${from}`);
    },
    onDone: () => told.push('done'),
    ...options,
  });
  return { fork, told, responses };
}
