import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface UserCertificate {
  cert: string;
  key: string;
  /** Its file, for `revoke`. */
  file: string;
}

/** A certificate authority of a test, by OpenSSL. */
export interface Authority {
  /** PEM files. */
  readonly ca: string;
  readonly crl: string;
  /** For names as `URI:sip:alice@example.org`; for clients, and now, unless told otherwise. */
  issue(
    altNames: string | readonly string[],
    options?: { usage?: string; expired?: boolean },
  ): Promise<UserCertificate>;
  /** Puts the certificate on the list in `crl`. */
  revoke(certificate: UserCertificate): Promise<void>;
}

const CONFIGURATION = `[ca]
default_ca = own
[own]
dir = .
database = ./index.txt
serial = ./serial
crlnumber = ./crlnumber
new_certs_dir = .
certificate = ./ca.crt
private_key = ./ca.key
default_md = sha256
default_days = 2
default_crl_days = 2
unique_subject = no
policy = any
[any]
commonName = supplied
`;

export async function makeAuthority(folder: string): Promise<Authority> {
  await mkdir(folder, { recursive: true });
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const put = (name: string, text: string) => writeFile(join(folder, name), text);
  await Promise.all([
    put('ca.cnf', CONFIGURATION),
    put('index.txt', ''),
    put('serial', '01\n'),
    put('crlnumber', '01\n'),
  ]);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=Users');
  const list = () => openssl('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'ca.crl');
  await list();
  let issued = 0;
  return {
    ca: join(folder, 'ca.crt'),
    crl: join(folder, 'ca.crl'),
    async issue(altNames, { usage = 'clientAuth', expired = false } = {}) {
      const name = `user${++issued}`;
      const names = [altNames].flat().map((text, index) => {
        const [kind, value] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
        return `${kind}.${index} = ${value.replace(/[\\'"#$]/g, '\\$&')}\n`;
      });
      const extensions = `extendedKeyUsage = ${usage}\nsubjectAltName = @names\n[names]\n${names.join('')}`;
      await put(`${name}.ext`, extensions);
      await openssl('req', '-new', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      await openssl(
        ...['ca', '-batch', '-config', 'ca.cnf', '-in', `${name}.csr`, '-out', `${name}.crt`, '-notext'],
        ...['-extfile', `${name}.ext`],
        ...(expired ? ['-startdate', '20250101000000Z', '-enddate', '20250102000000Z'] : []),
      );
      const read = (end: string) => readFile(join(folder, `${name}.${end}`), 'utf8');
      return { cert: await read('crt'), key: await read('key'), file: `${name}.crt` };
    },
    async revoke({ file }) {
      await openssl('ca', '-config', 'ca.cnf', '-revoke', file);
      await list();
    },
  };
}
