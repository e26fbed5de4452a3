import type { SipRequest, SipResponse } from '@rollcall/sip';
import { answer } from '../sip/answer.ts';
import type { Change, Failure, Verdict } from './verdict.ts';

/** What the applications made of a request, for the pool to act on. */
export type Decision =
  /** Goes on, perhaps changed. */
  | { readonly kind: 'pass'; readonly request: SipRequest }
  | { readonly kind: 'answer'; readonly response: SipResponse }
  /** Goes on with another Request-URI. */
  | { readonly kind: 'route'; readonly request: SipRequest };

export function decide(request: SipRequest, verdict: Exclude<Verdict, Failure>): Decision {
  switch (verdict.verdict) {
    case 'pass':
      return { kind: 'pass', request: changed(request, verdict.changes) };
    case 'route':
      return { kind: 'route', request: { ...changed(request, verdict.changes), uri: verdict.uri } };
    case 'answer': {
      const response = answer(request, verdict.status, verdict.headers, verdict.reason);
      return { kind: 'answer', response: { ...response, body: Buffer.from(verdict.body) } };
    }
  }
}

function changed(request: SipRequest, changes: readonly Change[]): SipRequest {
  if (changes.length === 0) return request;
  const headers = request.headers.clone();
  let { body } = request;
  for (const change of changes) {
    switch (change.change) {
      case 'set':
        headers.set(change.name, change.value);
        break;
      case 'remove':
        headers.remove(change.name);
        break;
      case 'body':
        headers.set('Content-Type', change.contentType);
        body = Buffer.from(change.body);
    }
  }
  return { ...request, headers, body };
}
