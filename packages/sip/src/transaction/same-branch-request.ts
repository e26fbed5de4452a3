import { createRequest, cseq, Headers, type SipRequest, type SipResponse } from '../message/index.ts';

/** The ACK of a failure response to an INVITE: same hop, same branch (RFC 3261 §17.1.1.3). */
export function createAck(invite: SipRequest, response: SipResponse): SipRequest {
  return sameBranchRequest(invite, 'ACK', response.headers.get('To') ?? '');
}

/** RFC 3261 §9.1. */
export function createCancel(request: SipRequest): SipRequest {
  return sameBranchRequest(request, 'CANCEL', request.headers.get('To') ?? '');
}

function sameBranchRequest(request: SipRequest, method: 'ACK' | 'CANCEL', to: string): SipRequest {
  const { headers: original } = request;
  const headers = new Headers().append('Via', original.get('Via') ?? '');
  for (const route of original.getAll('Route')) headers.append('Route', route);
  headers
    .append('Max-Forwards', '70')
    .append('From', original.get('From') ?? '')
    .append('To', to)
    .append('Call-ID', original.get('Call-ID') ?? '')
    .append('CSeq', `${cseq(request).sequence} ${method}`);
  return createRequest({ method, uri: request.uri, headers });
}
