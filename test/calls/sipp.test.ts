import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Program, startProgram } from '../clients/program.ts';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

const CALLS = 1000;
const PER_SECOND = 50;
const PORT = 16_062;

let pool: FrontEndPool;
let folder: string;
let answering: Program | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-sipp-'));
  // SIPp's own scenarios know no password.
  const trustedNetworks = new BlockList();
  trustedNetworks.addSubnet('127.0.0.0', 8);
  pool = await startFrontEndPool({ trustedNetworks });
});

afterAll(async () => {
  answering?.child.kill('SIGKILL');
  await pool?.stop();
  await rm(folder, { recursive: true, force: true });
});

test(`SIPp's own uac calls SIPp's own uas over two front ends: ${CALLS} calls at ${PER_SECOND}/s, none failed`, async () => {
  const second = await pool.addFrontEnd();
  const registrar = await pool.client({ account: await pool.addAccount('service'), frontEnd: second });
  const registered = await registrar.register({ contacts: [`<sip:service@127.0.0.1:${PORT}>`], expires: 600 });
  expect(registered.status).toBe(200);

  const common = ['-i', '127.0.0.1', '-nostdin', '-m', String(CALLS), '-timeout', '60'];
  const options = { cwd: folder, seconds: 70 };
  answering = startProgram('sipp', ['-sn', 'uas', '-p', String(PORT), ...common], options);
  const calling = startProgram(
    'sipp',
    [
      ...['-sn', 'uac', pool.frontEnd.addresses.udp, '-r', String(PER_SECOND), '-d', '100', ...common],
      ...['-trace_err', '-trace_stat', '-stf', 'uac.csv', '-fd', '1'],
    ],
    options,
  );
  const { status } = await calling.ended;
  expect(status, await firstErrors()).toBe(0);
  const lines = (await readFile(join(folder, 'uac.csv'), 'utf8')).trim().split('\n');
  const [names, last] = [lines[0]!.split(';'), lines.at(-1)!.split(';')];
  const figure = (name: string) => Number(last[names.indexOf(name)]);
  expect({
    succeeded: figure('SuccessfulCall(C)'),
    failed: figure('FailedCall(C)'),
    resent: figure('Retransmissions(C)'),
  }).toEqual({ succeeded: CALLS, failed: 0, resent: 0 });
}, 80_000);

async function firstErrors(): Promise<string> {
  const file = (await readdir(folder)).find((name) => name.endsWith('_errors.log'));
  return file ? (await readFile(join(folder, file), 'utf8')).slice(0, 1500) : '';
}
