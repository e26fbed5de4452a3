import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rollcall, runRollcall, startRollcall } from '../../../test-kit/src/rollcall.ts';
import { SipClient } from '../../../test-kit/src/sip-client.ts';

let data: string;
let rollcall: Rollcall;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'rollcall-app-password-'));
  rollcall = await startRollcall({ data, args: ['--domain', 'example.org'] });
});

afterAll(async () => {
  await rollcall?.stop();
  await rm(data, { recursive: true, force: true });
});

const ALICE = 'sip:alice@example.org';
const appPassword = async (...args: string[]) => {
  const { status, stdout, stderr } = await runRollcall(['account', 'app-password', ...args, '--data', data]);
  return `${status} ${stdout}${stderr}`;
};

async function register(password: string): Promise<number> {
  const phone = await SipClient.open(
    { user: 'alice', domain: 'example.org', password },
    { to: rollcall.addresses.udp },
  );
  const { status } = await phone.register();
  await phone.close();
  return status;
}

test('an app password is made, registers a phone, is listed, and is taken back', async () => {
  expect(await appPassword('list', ALICE)).toBe(`0 ${ALICE} has no app password.\n`);
  const made = await appPassword('add', ALICE, 'desk phone');
  const [, id, password] = /^0 Password (\d+) of sip:alice@example.org, for user name alice: (\S{35})\n$/.exec(made)!;
  expect(await register(password!)).toBe(200);
  expect(await appPassword('list', ALICE)).toMatch(new RegExp(`^ *${id}  desk phone  20\\S+Z$`, 'm'));
  const [listed] = JSON.parse((await appPassword('list', ALICE, '--json')).slice(2));
  expect(listed).toEqual({ id: Number(id), name: 'desk phone', createdAt: expect.stringMatching(/^20/) });

  expect(await appPassword('remove', ALICE, id!)).toBe(`0 Removed app password ${id} of ${ALICE}.\n`);
  expect(await register(password!)).toBe(401);
  expect(await appPassword('remove', ALICE, id!)).toBe(`1 ${ALICE} has no app password ${id}.\n`);
});

test('a wrong call says what is wrong', async () => {
  expect(await appPassword('add', ALICE, '')).toBe('2 A name has 1 to 64 characters.\n');
  expect(await appPassword('remove', ALICE, 'x')).toBe('2 "x" is no number of an app password.\n');
  expect(await appPassword('list', 'sip:nobody@example.org')).toMatch(/^1 No account sip:nobody@example.org/);
});
