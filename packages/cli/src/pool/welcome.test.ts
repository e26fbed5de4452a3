import { expect, it } from 'vitest';
import { readPoolSettings } from './settings.ts';
import { connectionFlag, poolWelcomeText } from './welcome.ts';

const flagOf = (flags: Record<string, unknown>) => connectionFlag(readPoolSettings(flags, {}));

it('names the way to this pool as its commands need it, and never a password', () => {
  expect(flagOf({})).toBe('');
  expect(flagOf({ data: '/srv/my pool' })).toBe(" --data '/srv/my pool'");
  const databaseUrl = 'postgres://me:secret@db.example.org/rollcall';
  expect(flagOf({ databaseUrl })).toBe(` --database-url '${databaseUrl.replace(':secret', '')}'`);
  expect(flagOf({ databaseUrl, data: 'folder' })).toContain('--database-url');
});

it('says that commands which change an account have to reach Redis', () => {
  const ready = { domain: 'example.org', data: 'data', frontEnds: [1, 2], accounts: [] };
  const addresses = { tcp: 'a:1', tls: 'a:2', ws: 'a:3', http: 'a:3', stats: ['a:4'] };
  const text = (flags: object) =>
    poolWelcomeText({ ...ready, addresses, settings: readPoolSettings({ ...flags }, {}) });
  expect(text({ redisUrl: 'redis://:secret@redis.example.org/1' })).toContain('need --redis-url');
  expect(text({ redisUrl: 'redis://:secret@redis.example.org/1' })).not.toContain('secret');
  expect(text({})).not.toContain('--redis-url');
});
