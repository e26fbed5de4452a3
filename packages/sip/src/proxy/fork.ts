import { randomBytes } from 'node:crypto';
import { createResponse, reasonPhrase, type SipRequest, type SipResponse, seconds } from '../message/index.ts';
import { addChallenges, bestResponse } from './best-response.ts';
import { Branch, type BranchHost, type ForkOutcome, type ForkTarget } from './branch.ts';
import { relayedResponse } from './forwarded-request.ts';

export interface ForkOptions<Target extends ForkTarget = ForkTarget> {
  /** As received: answers that are made here are made to it. */
  request: SipRequest;
  targets: readonly Target[];
  /** All at once, whatever their q. */
  parallel?: boolean;
  /**
   * Takes provisional responses but 100 (INVITE only, RFC 4320 §4.1), each 2xx of an INVITE, and one other final
   * response, ready to be sent upstream. When it is a failure, `outcomes` is complete.
   */
  respond(response: SipResponse): void;
  /** Called once: no branch is pending any more, and there was an answer. */
  onDone?(): void;
  /** Who takes what comes after the first 2xx of an INVITE's branch, Via and all; see ClientTransactionUser. */
  accepted?(): ((response: SipResponse) => void) | undefined;
  /** Makes an answer of our own. Default: a bare one, with a random To tag. */
  answer?(status: number): SipResponse;
}

/** RFC 5393 §5.3.3: of a request that comes without; more when there are more targets than that. */
const DEFAULT_BREADTH = 60;

/** The response context of RFC 3261 §16.7: one request, its branches, and the one answer to it. */
export class Fork<Target extends ForkTarget = ForkTarget> {
  readonly #options: ForkOptions<Target>;
  readonly #isInvite: boolean;
  readonly #breadth: number;
  readonly #host: BranchHost<Target>;
  /** Not yet tried, best last. */
  readonly #waiting: Target[];
  /** Few: a list takes less than a Set does. */
  readonly #pending: Branch<Target>[] = [];
  readonly #outcomes: ForkOutcome<Target>[] = [];
  /** What branches got but 2xx, ready to go on. */
  readonly #failures: SipResponse[] = [];
  /** A group is being started: what its branches say meanwhile starts no other, and ends nothing. */
  #starting = false;
  /** No branch starts any more: there was a 2xx or 6xx, or the caller has gone (RFC 3261 §16.7 step 5, §16.10). */
  #closed = false;
  #cancelled = false;
  #answered = false;
  #done = false;

  /** @throws SipParseError 400 for a malformed Max-Breadth */
  constructor(options: ForkOptions<Target>) {
    const { request, targets, parallel } = options;
    this.#options = options;
    this.#isInvite = request.method === 'INVITE';
    this.#breadth = seconds(request, 'Max-Breadth') ?? Math.max(DEFAULT_BREADTH, targets.length);
    this.#waiting = targets.toReversed();
    if (!parallel) this.#waiting.sort((a, b) => a.q - b.q);
    this.#host = {
      received: (branch, response) => this.#received(branch, response),
      ended: (branch, status, local) => this.#ended(branch, status, local),
      accepted: options.accepted,
    };
  }

  /** Of the branches that have ended, in the order in which they did. */
  get outcomes(): readonly ForkOutcome<Target>[] {
    return this.#outcomes;
  }

  start(): void {
    this.#proceed();
  }

  /** The caller wants no answer any more (RFC 3261 §16.10). Does nothing for a request other than INVITE. */
  cancel(): void {
    if (!this.#isInvite || this.#answered) return;
    this.#cancelled = true;
    this.#close();
    this.#proceed();
  }

  /** Starts group after group while none is pending, and answers when there is none left. */
  #proceed(): void {
    if (this.#starting || this.#done) return;
    while (this.#pending.length === 0 && this.#waiting.length > 0 && !this.#closed) this.#startGroup();
    if (this.#pending.length > 0 || this.#done) return;
    this.#closed = true;
    this.#done = true;
    if (!this.#answered) {
      this.#answered = true;
      this.#options.respond(this.#best());
    }
    this.#options.onDone?.();
  }

  #startGroup(): void {
    const group = this.#nextGroup();
    // RFC 5393 §5.3.3: those that are pending at one time share it, and none goes out with less than one.
    const maxBreadth = Math.floor(this.#breadth / group.length);
    if (maxBreadth === 0) {
      this.#closed = true;
      this.#failures.push(this.#answer(440));
      return;
    }
    this.#starting = true;
    for (const target of group) {
      if (this.#closed) break;
      const branch = new Branch(target, this.#host);
      this.#pending.push(branch);
      branch.start(maxBreadth);
    }
    this.#starting = false;
  }

  #nextGroup(): Target[] {
    const { q } = this.#waiting.at(-1)!;
    const group: Target[] = [];
    while (this.#waiting.length > 0 && (this.#options.parallel || this.#waiting.at(-1)!.q === q)) {
      group.push(this.#waiting.pop()!);
    }
    return group;
  }

  #received(branch: Branch<Target>, response: SipResponse): void {
    if (response.status < 200) this.#pass(response);
    else if (response.status < 300) this.#succeeded(branch, response);
    else if (this.#pending.includes(branch)) {
      this.#failures.push(relayedResponse(response));
      // RFC 3261 §16.7 step 5: a 6xx speaks for the user wherever they are. It waits for the other branches to end.
      if (response.status >= 600) this.#close(branch);
      this.#ended(branch, response.status, undefined);
    }
  }

  /** RFC 3261 §16.7 step 5: passed on at once, but a 100. RFC 4320 §4.1: none but a 100 to what is no INVITE. */
  #pass(response: SipResponse): void {
    if (response.status > 100 && this.#isInvite && !this.#answered) this.#options.respond(relayedResponse(response));
  }

  /** RFC 3261 §16.7 step 5: each 2xx of an INVITE goes on at once, also when there was an answer before. */
  #succeeded(branch: Branch<Target>, response: SipResponse): void {
    if (this.#takeOff(branch)) {
      this.#outcomes.push({ target: branch.target, status: response.status, local: undefined });
    }
    const wanted = this.#isInvite || !this.#answered;
    this.#answered = true;
    this.#closed = true;
    if (wanted) this.#options.respond(relayedResponse(response));
    // RFC 3261 §16.7 step 10
    this.#close();
    this.#proceed();
  }

  #ended(branch: Branch<Target>, status: number, local: ForkOutcome['local']): void {
    if (!this.#takeOff(branch)) return;
    this.#outcomes.push({ target: branch.target, status, local });
    this.#proceed();
  }

  /** False when it has ended before. */
  #takeOff(branch: Branch<Target>): boolean {
    const at = this.#pending.indexOf(branch);
    if (at >= 0) this.#pending.splice(at, 1);
    return at >= 0;
  }

  /** Starts no branch any more, and cancels those that are pending. */
  #close(but?: Branch<Target>): void {
    this.#closed = true;
    // RFC 3261 §9.1: only an INVITE is cancelled.
    if (this.#isInvite) for (const branch of [...this.#pending]) if (branch !== but) branch.cancel();
  }

  #best(): SipResponse {
    const best = bestResponse(this.#failures, this.#cancelled);
    if (best === undefined) return this.#answer(this.#statusOfNone());
    addChallenges(best, this.#failures);
    // RFC 3261 §16.7 step 6: a 503 speaks of that one server, and would turn the caller away from this one.
    return best.status === 503 ? { ...best, status: 500, reason: reasonPhrase(500) } : best;
  }

  /** When no branch got an answer that counts. */
  #statusOfNone(): number {
    if (this.#cancelled) return 487;
    // RFC 4320 §4.2: a 408 to what is no INVITE comes too late by its nature, and is never sent.
    return this.#isInvite && this.#outcomes.some(({ status }) => status === 408) ? 408 : 480;
  }

  #answer(status: number): SipResponse {
    const { request, answer } = this.#options;
    return answer
      ? answer(status)
      : createResponse(request, status, undefined, { toTag: randomBytes(8).toString('hex') });
  }
}
