import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@rollcall/process';
import { generate } from 'selfsigned';
import type { FrontEndSettings } from './settings.ts';

export interface Certificate {
  cert: string;
  key: string;
  selfSigned: boolean;
}

type CertificateSettings = Pick<FrontEndSettings, 'domain' | 'host' | 'tlsCert' | 'tlsKey' | 'dataFolder'>;

const DAY_MS = 86_400_000;

/** The configured certificate, else a self-signed one, which is kept in the data folder where there is one. */
export async function findCertificate(settings: CertificateSettings, log: Log): Promise<Certificate> {
  if (settings.tlsCert && settings.tlsKey) {
    const [cert, key] = await Promise.all([readFile(settings.tlsCert, 'utf8'), readFile(settings.tlsKey, 'utf8')]);
    return { cert, key, selfSigned: false };
  }
  const kept = settings.dataFolder ? await readKept(settings.dataFolder) : undefined;
  const certificate = kept ?? (await makeCertificate(settings));
  if (!kept && settings.dataFolder) await keep(settings.dataFolder, certificate);
  const { fingerprint256 } = new X509Certificate(certificate.cert);
  log.warn(
    { fingerprint256 },
    'TLS uses a self-signed certificate: clients must be told to trust it (--tls-cert, --tls-key)',
  );
  return { ...certificate, selfSigned: true };
}

type KeyPair = Omit<Certificate, 'selfSigned'>;

async function makeCertificate({ domain, host }: CertificateSettings): Promise<KeyPair> {
  const altNames = [
    { type: 2 as const, value: domain },
    { type: 6 as const, value: `sip:${domain}` },
    ...(/^[\d.]+$|:/.test(host) && host !== '0.0.0.0' && host !== '::' ? [{ type: 7 as const, ip: host }] : []),
  ];
  const pair = await generate([{ name: 'commonName', value: domain }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 825 * DAY_MS),
    // RFC 5922 §7.1: the domain as a URI name, and as a DNS name for clients that look only there.
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  return { cert: pair.cert, key: pair.private };
}

async function readKept(folder: string): Promise<KeyPair | undefined> {
  const [certFile, keyFile] = files(folder);
  if (!existsSync(certFile) || !existsSync(keyFile)) return undefined;
  const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
  const daysLeft = (Date.parse(new X509Certificate(cert).validTo) - Date.now()) / DAY_MS;
  return daysLeft > 1 ? { cert, key } : undefined;
}

async function keep(folder: string, { cert, key }: KeyPair): Promise<void> {
  const [certFile, keyFile] = files(folder);
  await mkdir(folder, { recursive: true });
  // The key is whole and private before it has its name.
  await writeFile(`${keyFile}.new`, key, { mode: 0o600 });
  await rename(`${keyFile}.new`, keyFile);
  await writeFile(certFile, cert);
}

function files(folder: string): [string, string] {
  return [join(folder, 'self-signed.crt'), join(folder, 'self-signed.key')];
}
