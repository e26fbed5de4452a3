import { constants } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type TlsOptions } from 'node:tls';
import type { FrontEndSettings } from './settings.ts';

/** A file of --client-ca or --client-crl that cannot be used. */
export class ClientAuthoritiesError extends Error {
  override readonly name = 'ClientAuthoritiesError';
}

/** What makes a TLS listener ask for certificates, and which it believes. Who has none, or another, comes in all the same. */
export async function readClientAuthorities({
  clientCa,
  clientCrl,
}: Pick<FrontEndSettings, 'clientCa' | 'clientCrl'>): Promise<TlsOptions> {
  if (clientCa === undefined) return {};
  const ca = await readPem(clientCa, '--client-ca', 'CERTIFICATE', (all) => ({ ca: all }));
  const crl =
    clientCrl === undefined ? [] : await readPem(clientCrl, '--client-crl', 'X509 CRL', (all) => ({ crl: all }));
  return {
    ca,
    ...(crl.length > 0 && { crl }),
    requestCert: true,
    rejectUnauthorized: false,
    // A session that is resumed would bring what was verified once, whatever has expired or been revoked since.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

async function readPem(
  file: string,
  flag: string,
  label: string,
  use: (all: string[]) => Parameters<typeof createSecureContext>[0],
): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ClientAuthoritiesError(`${flag} ${file} cannot be read (${error.code}).`);
  });
  const all = text.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, 'g')) ?? [];
  try {
    if (all.length > 0) createSecureContext(use(all));
  } catch {
    all.length = 0;
  }
  if (all.length === 0)
    throw new ClientAuthoritiesError(`${flag} ${file} holds no "BEGIN ${label}" (PEM) that can be read.`);
  return all;
}
