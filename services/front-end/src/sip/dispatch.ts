import type { ServerTransaction, SipRequest, SipResponse } from '@rollcall/sip';
import { answer, unavailable } from './answer.ts';
import { ALLOW, isMethod, type Method } from './capabilities.ts';
import type { FrontEnd, RequestContext } from './context.ts';
import { options } from './options.ts';
import { register } from './register.ts';

type Handler = (context: RequestContext) => SipResponse | Promise<SipResponse>;

const HANDLERS: Readonly<Record<Method, Handler>> = {
  OPTIONS: options,
  REGISTER: register,
};

/** Hands a request to its method's handler and sends what it answers. */
export async function dispatch(frontEnd: FrontEnd, request: SipRequest, transaction: ServerTransaction): Promise<void> {
  const started = performance.now();
  const context: RequestContext = { frontEnd, request, transaction, flow: transaction.flow };
  let response: SipResponse;
  try {
    response = isMethod(request.method) ? await HANDLERS[request.method](context) : methodNotAllowed(context);
  } catch (error) {
    response = failed(context, error);
  }
  // RFC 3261 §8.2.7: a challenge needs no state, so a flood of them takes no memory.
  if (response.status === 401 || response.status === 407) transaction.respondStateless(response);
  else transaction.respond(response);
  frontEnd.metrics.answered(request.method, response.status, (performance.now() - started) / 1000);
  logRequest(context, response, started);
}

/** RFC 3261 §8.2.1. */
function methodNotAllowed({ request }: RequestContext): SipResponse {
  // RFC 3261 §9.2: a CANCEL that got here matches no transaction.
  if (request.method === 'CANCEL') return answer(request, 481);
  return answer(request, 405, [['Allow', ALLOW]]);
}

function failed({ frontEnd, request }: RequestContext, error: unknown): SipResponse {
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    case 'SipParseError':
      return answer(request, 400, [], (error as Error).message.slice(0, 100));
    case 'InvalidValueError':
      // PostgreSQL stores no NUL, and SIP's parser lets it pass where it stands in quotes.
      return answer(request, 400, [], 'Text That Cannot Be Stored');
    case 'OverloadedError':
      return unavailable(request, 2, 'Overloaded');
    case 'BackEndUnavailableError':
      frontEnd.logOutage(error);
      return unavailable(request, 5, 'Back End Unavailable');
    default:
      frontEnd.log.error({ err: error, callId: request.headers.get('Call-ID') }, 'request failed');
      return answer(request, 500);
  }
}

function logRequest({ frontEnd, request, flow }: RequestContext, response: SipResponse, started: number): void {
  if (!frontEnd.log.isLevelEnabled('debug')) return;
  frontEnd.log.debug(
    {
      method: request.method,
      uri: request.uri,
      callId: request.headers.get('Call-ID'),
      source: `${flow.remote.address}:${flow.remote.port}`,
      transport: flow.transport,
      status: response.status,
      ms: Math.round((performance.now() - started) * 10) / 10,
    },
    'request',
  );
}
