import type { SipResponse } from '@rollcall/sip';
import type { RequestContext } from './context.ts';

/** Sends a response; a final one is counted and logged. */
export function respond(context: RequestContext, response: SipResponse): void {
  context.transaction.respond(response);
  if (response.status >= 200) count(context, response);
}

/** RFC 3261 §8.2.7: a challenge of ours needs no state, so a flood of them takes no memory. */
export function respondStateless(context: RequestContext, response: SipResponse): void {
  context.transaction.respondStateless(response);
  count(context, response);
}

function count(context: RequestContext, response: SipResponse): void {
  const { frontEnd, request, started } = context;
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
