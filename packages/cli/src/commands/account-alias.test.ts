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
const said = async (...args: string[]) => {
  const { status, stdout, stderr } = await account(...args);
  return `${status} ${stdout}${stderr}`;
};
const ALICE = 'sip:alice@example.org';

test('an alias is added, listed, and removed; a name is given once', async () => {
  const sales = 'sip:sales@example.org';
  expect(await said('alias', 'list', ALICE)).toBe(`0 ${ALICE} has no alias.\n`);
  expect(await said('alias', 'add', ALICE, sales)).toBe(`0 ${sales} leads to ${ALICE}.\n`);
  const taken = `1 ${sales} is taken, by an account or as an alias of one.\n`;
  expect(await said('alias', 'add', ALICE, sales)).toBe(taken);
  expect(await said('add', sales, '--password', 'p')).toMatch(/^1 sip:sales@example.org exists already/);
  expect(await said('alias', 'add', ALICE, 'sip:x@example.com')).toMatch(/^1 This pool does not serve example.com/);
  expect(JSON.parse((await account('alias', 'list', ALICE, '--json')).stdout)).toEqual([{ alias: sales }]);
  expect(await said('alias', 'remove', ALICE, sales)).toBe(`0 ${sales} leads to ${ALICE} no more.\n`);
  expect(await said('alias', 'remove', ALICE, sales)).toBe(`1 ${ALICE} has no alias ${sales}.\n`);
  expect(await said('alias', 'list', 'sip:nobody@example.org')).toMatch(/^1 No account sip:nobody@example.org/);
});

test('a rule is set, listed, and removed', async () => {
  expect(await said('rule', 'list', ALICE)).toBe(`0 ${ALICE} has no rule: all may reach it.\n`);
  expect(await said('rule', 'set', ALICE, 'everyone', 'deny')).toBe(`0 everyone may not reach ${ALICE}.\n`);
  expect(await said('rule', 'set', ALICE, 'Example.NET', 'allow')).toBe(`0 example.net may reach ${ALICE}.\n`);
  const bob = 'sip:bob@example.net';
  expect(await said('rule', 'set', ALICE, bob, 'deny', '--level', 'blocked')).toBe(
    `0 ${bob} may not reach ${ALICE}.\n${bob} sees what blocked sees of ${ALICE}.\n`,
  );
  expect(await said('rule', 'set', ALICE, 'Example.NET', '--level', 'team')).toMatch(
    /^0 example.net sees what team sees/,
  );
  expect(JSON.parse((await account('rule', 'list', ALICE, '--json')).stdout)).toEqual([
    { subject: bob, communication: 'deny', level: 'blocked' },
    { subject: 'example.net', communication: 'allow', level: 'team' },
    { subject: 'everyone', communication: 'deny' },
  ]);
  await account('rule', 'set', ALICE, bob, '--level', 'none');
  expect(await said('rule', 'list', ALICE)).toMatch(/^sip:bob@example.net +deny$/m);
  expect(await said('rule', 'remove', ALICE, 'everyone')).toBe('0 Removed the rule for everyone.\n');
  expect(await said('rule', 'remove', ALICE, 'everyone')).toBe(`1 ${ALICE} has no rule for everyone.\n`);
  expect(await said('rule', 'set', ALICE, 'everyone', 'maybe')).toBe('2 "maybe" is neither allow nor deny.\n');
  expect(await said('rule', 'set', ALICE, 'everyone')).toBe('2 Say allow, deny, --level, or both.\n');
  expect(await said('rule', 'set', ALICE, 'everyone', '--level', 'friend')).toMatch(/^2 "friend" is no level/);
});

test('contacts are listed, with their groups', async () => {
  expect(await said('contacts', ALICE)).toBe(`0 ${ALICE} has no contacts.\n`);
  const password = rollcall.accounts.find(({ user }) => user === 'alice')!.password;
  const url = `http://${rollcall.addresses.http}/v1`;
  const ask = (path: string, method: string, body: object, token?: string) =>
    fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
  const session = await ask('/sessions', 'POST', { user: 'alice@example.org', password });
  const { accessToken } = (await session.json()) as { accessToken: string };
  const contacts = [
    { address: 'bob@example.org', displayName: 'Bob', groups: ['Friends'] },
    { address: 'eve@example.net' },
  ];
  expect((await ask('/contacts', 'PUT', { groups: [{ name: 'Friends' }], contacts }, accessToken)).status).toBe(200);
  expect(JSON.parse((await account('contacts', ALICE, '--json')).stdout)).toEqual([
    { contact: 'sip:bob@example.org', displayName: 'Bob', groups: ['Friends'], inPool: true },
    { contact: 'sip:eve@example.net', displayName: null, groups: [], inPool: false },
  ]);
  expect(await said('contacts', 'sip:nobody@example.org')).toMatch(/^1 No account sip:nobody@example.org/);
});

test('access levels are listed and changed', async () => {
  const level = async (...args: string[]) => {
    const { status, stdout, stderr } = await runRollcall(['access-level', ...args, '--data', data]);
    return `${status} ${stdout}${stderr}`;
  };
  expect(await level('list')).toMatch(/^blocked( +-){8}$/m);
  expect(await level('list')).toMatch(/^public( +-){8}$/m);
  expect(await level('set', 'public', '--show', 'note,person', '--hide', 'phone')).toBe(
    '0 public sees note, sees person, does not see phone.\n',
  );
  expect(await level('list')).toMatch(/^public +- +yes( +-){5} +yes$/m);
  expect(await level('set', 'blocked', '--show', 'note')).toBe('1 blocked sees nothing, always.\n');
  expect(await level('set', 'friend', '--show', 'note')).toMatch(/^2 "friend" is no level/);
  expect(await level('set', 'public', '--show', 'shoes')).toMatch(/^2 "shoes" is none of/);
  expect(await level('set', 'public')).toBe('2 Say --show or --hide.\n');
});
