import { defineConfig } from 'vitest/config';

// What has databases of its own, and no port, clock or machine that others would share, runs two files at a time: those before the others.
const BESIDE = ['packages/!(cli)/**/*.test.ts', 'services/**/*.test.ts', 'db/**/*.test.ts'];
const ALONE = ['packages/cli/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // A busy machine takes its time; what is awaited either comes or does not.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      { extends: true, test: { name: 'beside', include: BESIDE, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
