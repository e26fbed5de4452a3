import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSipp } from '../../bench/measure/sipp.ts';
import { DOMAIN, type Edition, passwordOf, startEdition } from '../edition.ts';
import { runProgram } from './program.ts';

const USERS = 1000;
const SCENARIO = new URL('../../bench/scenarios/register-auth.xml', import.meta.url).pathname;

let edition: Edition;
let users: string;
let registered = 0;

beforeAll(async () => {
  edition = await startEdition(USERS);
  users = join(edition.folder, 'users.csv');
  const lines = Array.from({ length: USERS }, (_, index) => {
    const user = `u${index + 1}`;
    return `${user};[authentication username=${user} password=${passwordOf(user)}]`;
  });
  await writeFile(users, `SEQUENTIAL\n${lines.join('\n')}\n`);
});

afterAll(async () => {
  await edition?.stop();
});

describe('SIPp registers 1,000 accounts', () => {
  // Debian's SIPp is built without TLS; openssl.test.ts and baresip.test.ts speak TLS.
  test.each([
    { transport: 'u1', over: 'UDP from one socket', listed: 'UDP' },
    { transport: 't1', over: 'TCP on one connection', listed: 'TCP' },
    { transport: 'tn', over: 'TCP on a connection each', listed: 'TCP' },
  ] as const)('over $over', { timeout: 60_000 }, async ({ transport, listed }) => {
    const { addresses } = edition.rollcall;
    const target = transport === 'u1' ? addresses.udp : addresses.tcp;
    const run = { scenario: SCENARIO, users, target, calls: USERS, concurrency: 50, transport, timeoutSeconds: 50 };
    expect(await runSipp(run)).toMatchObject({ succeeded: USERS, failed: 0 });

    const endpoints = await edition.endpoints();
    registered += USERS;
    expect(endpoints.length).toBe(registered);
    const latest = endpoints.filter(({ account }) => account === `sip:u7@${DOMAIN}`).at(-1);
    expect(latest?.transport).toBe(listed);
    expect(latest?.expiresIn).toBeGreaterThan(3500);
  });
});

test("SIPp's built-in uac scenario knows no password, and is told that it needs one", async () => {
  const { udp } = edition.rollcall.addresses;
  const args = ['-sn', 'uac', '-m', '1', '-i', '127.0.0.1', '-nostdin', '-trace_err', '-error_file', 'errors.log'];
  await runProgram('sipp', [udp, ...args, '-timeout', '10'], { cwd: edition.folder, seconds: 15 });
  const told = await runProgram('cat', ['errors.log'], { cwd: edition.folder, seconds: 5 });
  expect(told.output).toMatch(/received 'SIP\/2\.0 407 Proxy Authentication Required\r?\n/);
  expect(told.output).toMatch(/^Proxy-Authenticate: Digest /m);
});
