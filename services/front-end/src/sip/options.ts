import { requestUri, type SipResponse, tokens } from '@rollcall/sip';
import { answer, badExtension } from './answer.ts';
import { ALLOW, SUPPORTED } from './capabilities.ts';
import type { RequestContext } from './context.ts';
import { proxy } from './proxy.ts';

/** RFC 3261 §11: to a person it is passed on, to the server it asks what that can do, which anyone may. */
export function options(context: RequestContext): SipResponse | undefined | Promise<SipResponse | undefined> {
  const { request } = context;
  const target = requestUri(request);
  if (target.kind === 'sip' && target.user !== undefined) return proxy(context);
  return (
    badExtension(request, tokens(request, 'Require')) ??
    answer(request, 200, [
      ['Allow', ALLOW],
      ['Accept', 'application/sdp'],
      ['Accept-Encoding', 'identity'],
      ['Accept-Language', 'en'],
      ['Supported', SUPPORTED.join(', ')],
    ])
  );
}
