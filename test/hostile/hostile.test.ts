import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AttackResult, attack } from '../../bench/hostile/attack.ts';
import { allMessages } from '../../bench/hostile/message.ts';
import { BALANCERS } from '../../bench/hostile/proxy-headers.ts';
import { labelled, readMetrics, total } from '../../bench/hostile/server-metrics.ts';
import { residentBytes } from '../../bench/measure/cpu.ts';
import { DOMAIN, type Edition, passwordOf, startEdition } from '../edition.ts';

/** Of these 32,000 go over UDP and TCP. */
const MESSAGES = allMessages(32_000);
const ACCOUNTS = 200;
/** What a heap may take before it is cleaned up, bytes; `npm run bench -- hostile` measures what is left after that. */
const MAXIMUM_GROWTH = 300 << 20;
/** Another one in each run; ROLLCALL_TEST_SEED makes a run again. */
const seed = Number(process.env.ROLLCALL_TEST_SEED ?? Date.now() % 1_000_000);

let edition: Edition;

beforeAll(async () => {
  edition = await startEdition(ACCOUNTS + 1, ['--proxy-networks', BALANCERS]);
});

afterAll(async () => {
  await edition?.stop();
});

describe(`${MESSAGES} mutated messages over every transport (ROLLCALL_TEST_SEED=${seed})`, () => {
  let result: AttackResult;
  let before: number;

  test('keep no valid request from its right answer', { timeout: 60_000 }, async () => {
    const { child, addresses } = edition.rollcall;
    const login = (user: string) => ({ user, password: passwordOf(user) });
    const logins = Array.from({ length: ACCOUNTS }, (_, index) => login(`u${index + 1}`));
    before = residentBytes(child.pid!);
    const attacked = { process: child.pid!, addresses, domain: DOMAIN, logins, bystander: login(`u${ACCOUNTS + 1}`) };
    result = await attack(attacked, { seed, messages: MESSAGES });
    const rounds = Math.ceil(MESSAGES / 200);
    expect(result.bystanders.answered).toBe(rounds * 10 + Math.floor(rounds / 10) * 6);
  });

  test('are answered for what they are, and what is refused is counted', async () => {
    const { answers } = result;
    const presence = ['412', '415', '489'];
    const proxied = ['403', '407', '440', '481', '483'];
    for (const status of ['200', '400', '401', '404', '420', '423', '505', '513', ...proxied, ...presence]) {
      expect(answers[status], `answers with ${status}`).toBeGreaterThan(0);
    }
    const metrics = await readMetrics(edition.rollcall.addresses.http);
    const drops = labelled(metrics, 'rollcall_sip_dropped_total', 'reason');
    const [sip, below] = [
      ['malformed', 'bad-framing', 'too-large', 'stray', 'runt', 'slow-reader'],
      ['tls-handshake', 'websocket-handshake', 'websocket-frame', 'proxy'],
    ];
    for (const reason of [...sip, ...below]) {
      expect(drops[reason], `dropped: ${reason}`).toBeGreaterThan(0);
    }
    expect(drops.failed).toBeUndefined();
    const answered = total(metrics, 'rollcall_sip_responses_sent_total');
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThanOrEqual(total(metrics, 'rollcall_sip_requests_received_total'));
  });

  test('leave no connection open, and no error in the log', async () => {
    const open = async () => {
      const metrics = await readMetrics(edition.rollcall.addresses.http);
      return ['tcp', 'tls', 'ws'].reduce((sum, one) => sum + total(metrics, `rollcall_${one}_connections`), 0);
    };
    await expect.poll(open, { timeout: 10_000 }).toBe(0);
    const errors = edition.rollcall.output().stderr.match(/^.*"level":"(error|fatal)".*$/gm);
    expect(errors).toBeNull();
  });

  test('take no more memory than a heap needs before it is cleaned up', () => {
    expect(result.peakResident - before).toBeLessThan(MAXIMUM_GROWTH);
  });
});
