/**
 * Makes what the containers of a pool share and nobody else may know: passwords of the database, and the certificate of
 * all front ends. What is there stays; a variable such as ROLLCALL_POSTGRES_PASSWORD outdoes what would be made.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createLog } from '../packages/process/src/index.ts';
import { findCertificate } from '../services/front-end/src/index.ts';

const OWNER = '/secrets/owner';
const FRONT_END = '/secrets/front-end';
const REPLICATOR = '/secrets/replicator';

await secret(`${OWNER}/postgres_password`, process.env.ROLLCALL_POSTGRES_PASSWORD);
await secret(`${OWNER}/admin_password`, process.env.ROLLCALL_ADMIN_PASSWORD);
await secret(`${FRONT_END}/front_end_password`, process.env.ROLLCALL_FRONT_END_PASSWORD);
await secret(`${REPLICATOR}/replicator_password`, process.env.ROLLCALL_REPLICATOR_PASSWORD);

// Front ends end the TLS of SIP: a client that comes back through another one must see the same certificate.
const domain = process.env.ROLLCALL_DOMAIN || 'localhost';
await findCertificate(
  { domain, host: domain, tlsCert: undefined, tlsKey: undefined, dataFolder: `${FRONT_END}/tls` },
  createLog({ level: 'info' }),
);

/** Readable for every user of the containers that have the volume: PostgreSQL's is another one than Node's. */
async function secret(file: string, given: string | undefined): Promise<void> {
  if (!given && existsSync(file)) return;
  await writeFile(file, given || randomBytes(24).toString('base64url'), { mode: 0o444 });
}
