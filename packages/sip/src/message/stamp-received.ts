import type { SipRequest } from './message.ts';
import { topVia } from './readers.ts';
import { formatVia } from './via.ts';

/**
 * Notes in the top Via where the request came from: `received` when sent-by differs (RFC 3261 §18.2.1), and both
 * `received` and the `rport` value when the client asked for it (RFC 3581 §4).
 * @throws SipParseError 400 when the top Via is missing or malformed
 */
export function stampReceived(request: SipRequest, source: { address: string; port: number }): void {
  const via = topVia(request);
  const asked = via.rport !== undefined;
  const host = via.host.charCodeAt(0) === 91 ? via.host.slice(1, -1).toLowerCase() : via.host;
  // A `received` that the client wrote itself would send the answer elsewhere.
  if (!asked && via.received === undefined && host === source.address) return;
  via.received = source.address;
  via.parameters.set('received', source.address);
  if (asked) {
    via.rport = String(source.port);
    via.parameters.set('rport', via.rport);
  }
  const line = request.headers.parsedFirst('Via', () => [via])!;
  request.headers.setFirst('Via', line.map(formatVia).join(', '), line);
}
