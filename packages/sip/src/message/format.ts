import { oneLine } from './headers.ts';
import type { SipMessage } from './message.ts';

/** The message as it goes on the wire. Content-Length comes last and is the length of the body, in bytes. */
export function formatMessage(message: SipMessage): Buffer {
  const { headers, body } = message;
  const startLine =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${oneLine(message.reason)}`;
  const head = `${startLine}\r\n${headers.toText('Content-Length')}Content-Length: ${body.length}\r\n\r\n`;
  if (body.length === 0) return Buffer.from(head);
  const headLength = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(headLength + body.length);
  bytes.write(head);
  body.copy(bytes, headLength);
  return bytes;
}
