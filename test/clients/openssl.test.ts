import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { DOMAIN, type Edition, startEdition } from '../edition.ts';
import { startProgram } from './program.ts';

let edition: Edition;

beforeAll(async () => {
  edition = await startEdition(0);
});

afterAll(async () => {
  await edition?.stop();
});

const OPTIONS = [
  `OPTIONS sip:${DOMAIN} SIP/2.0`,
  'Via: SIP/2.0/TLS client.invalid;branch=z9hG4bKopenssl',
  'Max-Forwards: 70',
  `From: <sip:openssl@${DOMAIN}>;tag=1`,
  `To: <sip:${DOMAIN}>`,
  'Call-ID: openssl',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
  '\r\n',
].join('\r\n');

test.each(['-tls1_2', '-tls1_3'])(
  'openssl s_client %s trusts the certificate that the first start made, for the domain, and is answered',
  async (version) => {
    const certificate = join(edition.rollcall.data, 'tls', 'self-signed.crt');
    const verify = ['-CAfile', certificate, '-verify_return_error', '-verify_hostname', DOMAIN];
    const args = ['s_client', '-connect', edition.rollcall.addresses.tls, version, ...verify, '-servername', DOMAIN];
    const client = startProgram('openssl', args, { seconds: 10, input: OPTIONS });
    await client.says(/Verify return code: 0 \(ok\)/);
    await client.says(/^SIP\/2\.0 200 OK\r\nVia: SIP\/2\.0\/TLS client\.invalid;[^\r]*received=127\.0\.0\.1/m);
    client.child.stdin?.end();
    await client.ended;
  },
);
