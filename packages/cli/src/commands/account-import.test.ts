import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Rollcall, runRollcall, startRollcall } from '../../../test-kit/src/rollcall.ts';

let data: string;
let rollcall: Rollcall;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'rollcall-import-'));
  rollcall = await startRollcall({ data, args: ['--domain', 'example.org'] });
});

afterAll(async () => {
  await rollcall?.stop();
  await rm(data, { recursive: true, force: true });
});

async function importText(text: string, ...flags: string[]) {
  const file = join(data, 'people.csv');
  await writeFile(file, text);
  return await runRollcall(['account', 'import', file, '--data', data, ...flags]);
}

const names = async () => {
  const { stdout } = await runRollcall(['account', 'list', '--json', '--data', data]);
  return (JSON.parse(stdout) as { account: string }[]).map(({ account }) => account);
};

test('an import can be repeated; changed passwords are counted', async () => {
  const first = await importText('uri,password\nsip:p1@example.org,a\np2@example.org,b\n');
  expect(first.stdout).toMatch(
    /^Imported 2 accounts in [\d.]+ s: 2 added, 0 with another password, 0 as they were\.\n$/,
  );
  const again = await importText('p1@example.org,a\np2@example.org,c\n', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ added: 0, changed: 1, unchanged: 1, bad: [] });
});

const BAD = 'q1@example.org,a\nnobody,b\nq2@example.com,c\nq3@example.org,d\n';

test('one bad row keeps all out, and every bad row is told with its line', async () => {
  const result = await importText(BAD);
  expect(result).toEqual({
    status: 1,
    stdout: '',
    stderr: [
      'line 2: "nobody" is no account like sip:alice@example.org',
      'line 3: this pool does not serve example.com',
      'Nothing was imported, for 2 rows of 4 are bad. Mend them, or import the rest with --skip-bad-rows.',
      '',
    ].join('\n'),
  });
  expect(await names()).not.toContain('sip:q1@example.org');
});

test('--skip-bad-rows imports the others, and --create-domain serves a new domain', async () => {
  const result = await importText(BAD, '--skip-bad-rows', '--create-domain', 'example.com', '--json');
  expect(result.status).toBe(0);
  expect(JSON.parse(result.stdout)).toMatchObject({ added: 3, bad: [{ line: 2 }] });
  expect(await names()).toEqual(
    expect.arrayContaining(['sip:q1@example.org', 'sip:q2@example.com', 'sip:q3@example.org']),
  );
});

test('- reads stdin', async () => {
  const result = await runRollcall(['account', 'import', '-', '--data', data], { input: 'r1@example.org,a\n' });
  expect(result.stdout).toContain('Imported 1 account in');
});

test('a file that is not there is told in a sentence', async () => {
  const result = await runRollcall(['account', 'import', '/nowhere.csv', '--data', data]);
  expect(result).toEqual({ status: 1, stdout: '', stderr: '/nowhere.csv cannot be read.\n' });
});

test('100,000 accounts are imported in under 20 s', { timeout: 60_000 }, async () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `sip:u${i}@example.org,password-${i}\n`).join('');
  const result = await importText(text, '--json');
  expect(result.status).toBe(0);
  const { added, seconds } = JSON.parse(result.stdout);
  console.log(`imported 100,000 accounts in ${seconds} s`);
  expect(added).toBe(100_000);
  expect(seconds).toBeLessThan(20);
  expect(result.stderr).toContain('50000 of 100000 accounts');
});
