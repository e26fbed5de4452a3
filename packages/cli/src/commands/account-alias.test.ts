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
  await account('rule', 'set', ALICE, 'bob@example.net', 'deny');
  expect(JSON.parse((await account('rule', 'list', ALICE, '--json')).stdout)).toEqual([
    { subject: 'sip:bob@example.net', communication: 'deny' },
    { subject: 'example.net', communication: 'allow' },
    { subject: 'everyone', communication: 'deny' },
  ]);
  expect(await said('rule', 'remove', ALICE, 'everyone')).toBe('0 Removed the rule for everyone.\n');
  expect(await said('rule', 'remove', ALICE, 'everyone')).toBe(`1 ${ALICE} has no rule for everyone.\n`);
  expect(await said('rule', 'set', ALICE, 'everyone', 'maybe')).toBe('2 "maybe" is neither allow nor deny.\n');
});
