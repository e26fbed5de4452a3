import type { SipResponse } from '@rollcall/sip';
import type { RequestContext } from './context.ts';

/** Sends a response; a final one is counted and logged. */
export function respond(context: RequestContext, response: SipResponse): void {
  const { frontEnd, request, transaction, started } = context;
  // RFC 3261 §8.2.7: a challenge needs no state, so a flood of them takes no memory.
  if (response.status === 401 || response.status === 407) transaction.respondStateless(response);
  else transaction.respond(response);
  if (response.status < 200) return;
  frontEnd.metrics.answered(request.method, response.status, (performance.now() - started) / 1000);
  logRequest(context, response);
}

function logRequest({ frontEnd, request, flow, started }: RequestContext, response: SipResponse): void {
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
