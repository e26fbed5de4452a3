import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Round, registerInRounds } from '../../bench/capacity/rounds.ts';
import { residentBytes } from '../../bench/measure/cpu.ts';
import { DOMAIN, type Edition, passwordOf, startEdition } from '../edition.ts';

const ENDPOINTS = 2000;
const MB = 2 ** 20;

let edition: Edition;
let idle: number;
let rounds: Round[];

beforeAll(async () => {
  edition = await startEdition(ENDPOINTS);
  const { child, addresses, data } = edition.rollcall;
  idle = residentBytes(child.pid!);
  const { url } = JSON.parse(await readFile(join(data, 'connection.json'), 'utf8'));
  const users = Array.from({ length: ENDPOINTS }, (_, index) => `u${index + 1}`);
  rounds = await registerInRounds({
    process: child.pid!,
    target: addresses.udp,
    databaseUrl: url,
    domain: DOMAIN,
    logins: users.map((user) => ({ user, password: passwordOf(user) })),
    refreshes: 3,
    concurrency: 100,
  });
});

afterAll(async () => {
  await edition?.stop();
});

test('2,000 phones register, refresh three times, and are 2,000 endpoints', () => {
  expect(rounds.map(({ failed }) => failed)).toEqual([0, 0, 0, 0]);
  expect(rounds.map(({ sizes }) => sizes.endpoints)).toEqual([ENDPOINTS, ENDPOINTS, ENDPOINTS, ENDPOINTS]);
});

test('refreshes touch no index, so that the table and its indexes stay flat', () => {
  const size = ({ sizes }: Round) => sizes.table + sizes.indexes;
  expect(rounds.at(-1)!.sizes.hotShare).toBeGreaterThan(0.95);
  expect(size(rounds.at(-1)!)).toBeLessThanOrEqual(1.25 * size(rounds[0]!));
  // 150 MB for 100,000 endpoints.
  expect(size(rounds.at(-1)!) / ENDPOINTS).toBeLessThan(1500);
});

test('the front end takes little memory for them', () => {
  expect(Math.max(...rounds.map(({ peakResident }) => peakResident)) - idle).toBeLessThan(250 * MB);
});
