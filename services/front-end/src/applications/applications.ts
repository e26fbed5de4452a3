import type { Log } from '@rollcall/process';
import type { Flow, SipRequest } from '@rollcall/sip';
import type { FrontEndMetrics } from '../metrics.ts';
import type { RequestContext } from '../sip/context.ts';
import type { ApplicationMessage, SentMessage } from './application.ts';
import { type Decision, decide } from './decision.ts';
import { IsolatedApplication } from './isolated-application.ts';
import { ApplicationError, applicationUrl } from './load.ts';
import { requestData } from './request-data.ts';

/** The account that sends a request, proven. */
export interface ProvenSender {
  readonly user: string;
  readonly domain: string;
}

export interface ApplicationsOptions {
  /** Files, or names of those that are shipped; they are asked in this order. */
  entries: readonly string[];
  /** ms that each has for a request. */
  budget: number;
  metrics: Pick<FrontEndMetrics, 'applicationFailed' | 'applicationDecided'>;
  log: Log;
  send(message: ApplicationMessage): Promise<SentMessage>;
}

/** The server applications of one front end. */
export class Applications {
  readonly #running: readonly IsolatedApplication[];
  readonly #options: ApplicationsOptions;

  /** @throws ApplicationError that names the entry and says what is wrong with it */
  static async start(options: ApplicationsOptions): Promise<Applications> {
    const { entries, budget, log, metrics, send } = options;
    const running: IsolatedApplication[] = [];
    try {
      for (const entry of entries) {
        const started = await IsolatedApplication.start({
          ...{ url: applicationUrl(entry), budget, log, send, onFailure: metrics.applicationFailed },
        }).catch((error) => {
          throw error instanceof ApplicationError
            ? new ApplicationError(`--applications ${entry}: ${error.message}`)
            : error;
        });
        const taken = running.some(({ name }) => name === started.name);
        running.push(started);
        if (taken) throw new ApplicationError(`--applications ${entry}: another one is named ${started.name}`);
      }
    } catch (error) {
      await Promise.all(running.map((one) => one.stop()));
      throw error;
    }
    return new Applications(running, options);
  }

  private constructor(running: readonly IsolatedApplication[], options: ApplicationsOptions) {
    this.#running = running;
    this.#options = options;
  }

  /**
   * Shows the request to the applications that want its method, one after the other. Undefined, at once, when none does:
   * the request goes on as it is. Never rejects. `sender` is undefined for a trusted network.
   */
  inspect(
    { request, flow }: Pick<RequestContext, 'request' | 'flow'>,
    sender: ProvenSender | undefined,
  ): Promise<Decision> | undefined {
    const { method } = request;
    // An ACK has no answer, and a CANCEL goes where its request went.
    if (this.#running.length === 0 || method === 'ACK' || method === 'CANCEL') return undefined;
    if (!this.#running.some((application) => application.wants(method))) return undefined;
    return this.#ask(request, flow, sender && `${sender.user}@${sender.domain}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((application) => application.stop()));
  }

  /** The first that answers or routes decides; until then each sees what those before it made of the request. */
  async #ask(asked: SipRequest, flow: Flow, sender: string | undefined): Promise<Decision> {
    let request = asked;
    for (const application of this.#running) {
      if (!application.wants(request.method)) continue;
      const decision = await this.#askOne(application, request, flow, sender);
      if (!decision) continue;
      this.#options.metrics.applicationDecided(application.name, decision.kind);
      if (decision.kind !== 'pass') return decision;
      request = decision.request;
    }
    return { kind: 'pass', request };
  }

  /** Undefined when it failed: the request goes on as if it did not exist. */
  async #askOne(
    application: IsolatedApplication,
    request: SipRequest,
    flow: Flow,
    sender: string | undefined,
  ): Promise<Decision | undefined> {
    try {
      const verdict = await application.run(requestData(request, flow, sender));
      return verdict.verdict === 'failed' ? undefined : decide(request, verdict);
    } catch (error) {
      application.gaveNonsense(error);
      return undefined;
    }
  }
}
