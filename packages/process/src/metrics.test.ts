import { expect, test } from 'vitest';
import { Counter, createMetrics } from './metrics.ts';

test('a registry shows the process and what is added to it, and nothing of another registry', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  new Counter({ name: 'rollcall_requests_total', help: 'Requests', registers: [one] }).inc();
  expect(await one.metrics()).toContain('rollcall_requests_total 1');
  expect(await one.metrics()).toContain('process_resident_memory_bytes');
  expect(await other.metrics()).not.toContain('rollcall_requests_total');
});
