import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
let dataFolder: string;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'rollcall-tls-'));
  pool = await startFrontEndPool({ dataFolder });
});
afterAll(async () => {
  await pool.stop();
  await rm(dataFolder, { recursive: true });
});

describe('TLS without a certificate of its own', () => {
  it('makes one, says so in the log, and phones register over it', async () => {
    const alice = await pool.client({ transport: 'TLS' });
    const answer = await alice.register({ contacts: [alice.contact('', ';transport=tls')] });
    expect(answer.status).toBe(200);
    expect(answer.header('Via')).toMatch(/^SIP\/2\.0\/TLS /);
    const warning = pool
      .log()
      .split('\n')
      .find((line) => line.includes('self-signed'));
    expect(JSON.parse(warning ?? '{}')).toMatchObject({
      level: 'warn',
      fingerprint256: alice.connection.fingerprint,
      msg: expect.stringContaining('--tls-cert'),
    });
  });

  it('keeps it in the data folder, its key for itself alone, and shows the same one after a restart', async () => {
    const before = await pool.client({ transport: 'TLS' });
    const certificate = new X509Certificate(await readFile(join(dataFolder, 'self-signed.crt')));
    expect(certificate.fingerprint256).toBe(before.connection.fingerprint);
    expect((await stat(join(dataFolder, 'self-signed.key'))).mode & 0o777).toBe(0o600);

    const restarted = await pool.addFrontEnd();
    const after = await pool.client({ transport: 'TLS', frontEnd: restarted });
    expect(after.connection.fingerprint).toBe(before.connection.fingerprint);
  });

  it('has one that a phone which is told to trust it accepts for the domain', async () => {
    const ca = await readFile(join(dataFolder, 'self-signed.crt'));
    const socket = connect({ port: Number(pool.frontEnd.addresses.tls.split(':').at(-1)), ca, servername: DOMAIN });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    // RFC 5922 §7.1
    expect(socket.getPeerCertificate().subjectaltname).toContain(`URI:sip:${DOMAIN}`);
    socket.destroy();
  });
});

describe('TLS', () => {
  it('uses the certificate that it is given, and warns of nothing', async () => {
    const other = await mkdtemp(join(tmpdir(), 'rollcall-tls-'));
    const logged = pool.log().length;
    const frontEnd = await pool.addFrontEnd({
      dataFolder: other,
      tlsCert: join(dataFolder, 'self-signed.crt'),
      tlsKey: join(dataFolder, 'self-signed.key'),
    });
    const alice = await pool.client({ transport: 'TLS', frontEnd });
    const own = await pool.client({ transport: 'TLS' });
    expect(alice.connection.fingerprint).toBe(own.connection.fingerprint);
    expect(pool.log().slice(logged)).not.toContain('self-signed');
    await rm(other, { recursive: true });
  });

  it('shrugs off who speaks no TLS, or breaks the handshake off', async () => {
    const port = Number(pool.frontEnd.addresses.tls.split(':').at(-1));
    for (const bytes of ['OPTIONS sip:example.org SIP/2.0\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00']) {
      const socket = connectPlain(port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.end(bytes);
      await once(socket.resume(), 'close');
    }
    const alice = await pool.client({ transport: 'TLS' });
    expect((await alice.exchange({ method: 'OPTIONS' })).status).toBe(200);
  });
});
