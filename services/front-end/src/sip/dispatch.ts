import type { Flow, ServerTransaction, SipRequest, SipResponse } from '@rollcall/sip';
import { answer, unavailable } from './answer.ts';
import { cancel } from './cancel.ts';
import type { FrontEnd, RequestContext } from './context.ts';
import { options } from './options.ts';
import { proxy } from './proxy.ts';
import { publish } from './publish.ts';
import { register } from './register.ts';
import { relayAck } from './relay-ack.ts';
import { respond, respondStateless } from './respond.ts';
import { subscribe } from './subscribe.ts';

/** Undefined: it answers by itself, later or more than once. */
type Handler = (context: RequestContext) => SipResponse | undefined | Promise<SipResponse | undefined>;

/** Every other method is the proxy's. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  CANCEL: cancel,
  OPTIONS: options,
  PUBLISH: publish,
  REGISTER: register,
  SUBSCRIBE: subscribe,
};

/** Hands a request to its method's handler and sends what it answers; undefined when that is done, or the handler needs nobody to wait. */
export function dispatch(
  frontEnd: FrontEnd,
  request: SipRequest,
  transaction: ServerTransaction,
): Promise<void> | undefined {
  const started = performance.now();
  const context: RequestContext = { frontEnd, request, transaction, flow: transaction.flow, started };
  let response: ReturnType<Handler>;
  try {
    response = handlerOf(context)(context);
  } catch (error) {
    response = failed(context, error);
  }
  if (response instanceof Promise) {
    return response.catch((error) => failed(context, error)).then((late) => finish(context, late));
  }
  finish(context, response);
  return undefined;
}

function finish(context: RequestContext, response: SipResponse | undefined): void {
  if (response?.status === 401 || response?.status === 407) respondStateless(context, response);
  else if (response) respond(context, response);
}

/** Hands the ACK of a 2xx on; nobody is answered. */
export function dispatchAck(frontEnd: FrontEnd, ack: SipRequest, flow: Flow): void {
  const lost = (error: unknown) => {
    frontEnd.metrics.dropped('ack');
    frontEnd.log.debug({ err: error, callId: ack.headers.get('Call-ID') }, 'an ACK went nowhere');
  };
  try {
    relayAck(frontEnd, ack, flow)?.catch(lost);
  } catch (error) {
    lost(error);
  }
}

function handlerOf({ request }: RequestContext): Handler {
  return Object.hasOwn(HANDLERS, request.method) ? HANDLERS[request.method]! : proxy;
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
