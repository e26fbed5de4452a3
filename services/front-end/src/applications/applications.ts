import type { RequestContext } from '../sip/context.ts';
import type { Decision } from './decision.ts';

/** The account that sends a request, proven. */
export interface ProvenSender {
  readonly user: string;
  readonly domain: string;
}

/** The server applications of one front end. */
export class Applications {
  /**
   * Shows the request to the applications that want its method, one after the other. Undefined, at once, when none does:
   * the request goes on as it is. Never rejects. `sender` is undefined for a trusted network.
   */
  inspect(_context: RequestContext, _sender: ProvenSender | undefined): Promise<Decision> | undefined {
    return undefined;
  }
}
