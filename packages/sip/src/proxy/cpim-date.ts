import { type CpimMessage, parseCpim } from './cpim.ts';

const NAMESPACE = 'urn:ietf:params:cpim-headers:';

/**
 * A `message/cpim` body with the time at which it was sent (RFC 3862 §4.4), where its sender gave none; every other byte stays.
 * @throws SipParseError 400
 */
export function withDateTime(bytes: Buffer, sentAt: Date): Buffer {
  if (!lacksDateTime(parseCpim(bytes))) return bytes;
  // The header fields end with the first empty line.
  const { index, 0: lineEnd } = /(?:^|\n)(?=\r?\n)/.exec(bytes.toString('latin1'))!;
  const at = index + lineEnd.length;
  const line = Buffer.from(`DateTime: ${sentAt.toISOString().replace('.000', '')}\r\n`);
  return Buffer.concat([bytes.subarray(0, at), line, bytes.subarray(at)]);
}

/** Where names without a prefix mean something else, nothing can be said in them (RFC 3862 §4.6). */
function lacksDateTime({ headers }: CpimMessage): boolean {
  return !headers.some(
    ({ name, value }) =>
      name === 'DateTime' ||
      name.endsWith('.DateTime') ||
      (name === 'NS' && value.startsWith('<') && value !== `<${NAMESPACE}>`),
  );
}
