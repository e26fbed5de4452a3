import { checkText, texts } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import type { Ha1s } from './ha1.ts';

export interface FindCredentialsRequest {
  /** The unescaped user part. */
  user: string;
  /** In lower case. */
  domain: string;
}

export interface Credentials {
  accountId: number;
  enabled: boolean;
  credentialVersion: number;
  /** Absent: the account has no password of its own, since it follows a directory. */
  ha1?: Ha1s;
  /** Of app passwords, with which a device proves itself by Digest alone. */
  appPasswords: readonly Ha1s[];
}

/** Throws InvalidValueError for what no account can be named. */
export function checkFindCredentialsRequest(request: FindCredentialsRequest): void {
  checkText('user', request.user);
  checkText('domain', request.domain);
}

type FoundRow = [
  ...[request: number, accountId: number, enabled: boolean, credentialVersion: number, credentialId: number | null],
  ...(string | null)[],
];

/** api.find_credentials for a batch; undefined where there is no such account. */
export async function findCredentials(
  connections: Connections,
  requests: readonly FindCredentialsRequest[],
): Promise<(Credentials | undefined)[]> {
  const rows = await connections.call({
    name: 'find_credentials',
    text: `select request, account_id, enabled, credential_version, credential_id, encode(md5, 'hex'), encode(sha_256, 'hex'), encode(sha_512_256, 'hex')
      from api.find_credentials($1, $2)`,
    values: [texts(requests, (request) => request.user), texts(requests, (request) => request.domain)],
  });
  const found = new Array<(Credentials & { appPasswords: Ha1s[] }) | undefined>(requests.length).fill(undefined);
  for (const row of rows) {
    const [request, accountId, enabled, credentialVersion, credentialId, md5, sha256, sha512_256] = row as FoundRow;
    found[request - 1] ??= { accountId, enabled, credentialVersion, appPasswords: [] };
    const account = found[request - 1]!;
    const ha1: Ha1s = {};
    if (md5) ha1.MD5 = md5;
    if (sha256) ha1['SHA-256'] = sha256;
    if (sha512_256) ha1['SHA-512-256'] = sha512_256;
    if (credentialId === 0) account.ha1 = ha1;
    else if (credentialId !== null) account.appPasswords.push(ha1);
  }
  return found;
}
