import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rollcall, runRollcall, startRollcall } from '../../../test-kit/src/rollcall.ts';

let data: string;
let rollcall: Rollcall;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'rollcall-account-'));
  rollcall = await startRollcall({ data, args: ['--domain', 'example.org'] });
});

afterAll(async () => {
  await rollcall?.stop();
  await rm(data, { recursive: true, force: true });
});

const account = (...args: string[]) => runRollcall(['account', ...args, '--data', data]);
const listed = async () => JSON.parse((await account('list', '--json')).stdout) as Record<string, unknown>[];

test('the life of an account: added, listed, its password changed, disabled, enabled, removed', async () => {
  expect(await account('add', 'carol@example.org', '--password', 'p1')).toEqual({
    status: 0,
    stdout: 'Added sip:carol@example.org.\n',
    stderr: '',
  });
  expect((await account('password', 'sip:carol@example.org', '--password', 'p2')).stdout).toBe(
    'Changed the password of sip:carol@example.org.\n',
  );
  expect((await account('disable', 'sip:carol@example.org')).stdout).toBe('sip:carol@example.org is disabled.\n');
  expect((await account('disable', 'sip:carol@example.org')).stdout).toBe(
    'sip:carol@example.org was disabled already.\n',
  );
  expect((await account('list')).stdout).toMatch(/^sip:carol@example.org +user +disabled +0 /m);
  expect((await account('enable', 'sip:carol@example.org')).stdout).toBe('sip:carol@example.org is enabled.\n');
  expect((await account('remove', 'sip:carol@example.org')).stdout).toBe('Removed sip:carol@example.org.\n');
  expect((await account('list')).stdout).not.toContain('carol');
});

test('each step is JSON with --json', async () => {
  const json = async (...args: string[]) => JSON.parse((await account(...args, '--json')).stdout);
  const dave = 'sip:dave@example.org';
  expect(await json('add', dave, '--password', 'p')).toEqual({ account: dave, outcome: 'added' });
  expect(await json('password', dave, '--password', 'q')).toEqual({ account: dave, outcome: 'changed' });
  expect(await json('disable', dave)).toEqual({ account: dave, outcome: 'changed', enabled: false, endpoints: 0 });
  expect(await json('enable', dave)).toEqual({ account: dave, outcome: 'changed', enabled: true, endpoints: 0 });
  expect(await listed()).toContainEqual({
    account: dave,
    role: 'user',
    enabled: true,
    endpoints: 0,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
  expect(await json('remove', dave)).toEqual({ account: dave, outcome: 'removed', endpoints: 0 });
});

test('an administrator is made with --admin', async () => {
  await account('add', 'root@example.org', '--password', 'p', '--admin');
  expect(await listed()).toContainEqual(expect.objectContaining({ account: 'sip:root@example.org', role: 'admin' }));
});

test('the password can come from stdin, and shows up nowhere', async () => {
  const result = await runRollcall(['account', 'add', 'erin@example.org', '--password-stdin', '--data', data], {
    input: 'hunter2\n',
  });
  expect(result).toEqual({ status: 0, stdout: 'Added sip:erin@example.org.\n', stderr: '' });
  const { stdout, stderr } = rollcall.output();
  expect(stdout + stderr).not.toContain('hunter2');
});

test('a domain that the pool does not serve is refused by name, and made on request', async () => {
  expect(await account('add', 'a@exmaple.org', '--password', 'p')).toEqual({
    status: 1,
    stdout: '',
    stderr: 'This pool does not serve exmaple.org; it serves example.org. --create-domain adds it.\n',
  });
  expect((await account('add', 'a@example.net', '--password', 'p', '--create-domain')).status).toBe(0);
  expect((await account('list', '--domain', 'Example.NET')).stdout).toContain('sip:a@example.net');
});

test.each(['password', 'enable', 'disable', 'remove'])(
  'account %s of one that does not exist says where to look',
  async (command) => {
    const args = command === 'password' ? ['--password', 'p'] : [];
    expect(await account(command, 'nobody@example.org', ...args)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'No account sip:nobody@example.org. `rollcall account list` shows those that exist.\n',
    });
  },
);

test('an account is added once', async () => {
  const again = await account('add', 'alice@example.org', '--password', 'p');
  expect(again.status).toBe(1);
  expect(again.stderr).toBe(
    'sip:alice@example.org exists already. `rollcall account password sip:alice@example.org` changes its password.\n',
  );
});

test.each([
  [['add', 'alice', '--password', 'p'], '"alice" is no account. Write it as sip:alice@example.org.\n'],
  [['add', 'x@example.org'], 'Give the password with --password P, or on stdin with --password-stdin.\n'],
  [['add', 'x@example.org', '--password', ''], 'The password is empty.\n'],
  [['list', '--domain', 'a b'], '"a b" is no domain name.\n'],
  [['list', '--database-url', 'postgres://h/d'], 'Give --data or --database-url, not both.\n'],
  [['frobnicate'], "error: unknown command 'frobnicate'\n(--help shows how it is used)\n"],
])('a wrong call, account %j, ends with status 2 and a sentence', async (args, stderr) => {
  const withData = args[0] === 'frobnicate' ? await runRollcall(['account', ...args]) : await account(...args);
  expect(withData).toEqual({ status: 2, stdout: '', stderr });
});
