import { expect, it } from 'vitest';
import { CredentialStore } from './credential-store.ts';

const KEPT = { accountId: 7, credentialVersion: 2, algorithm: 'SHA-256', ha1: '02'.repeat(32) } as const;

it('gives back what was kept last, until it is forgotten', () => {
  const store = new CredentialStore();
  expect(store.get('alice@example.org')).toBeUndefined();
  store.keep('alice@example.org', { ...KEPT, credentialVersion: 1 });
  store.keep('alice@example.org', KEPT);
  expect(store.get('alice@example.org')).toEqual(KEPT);
  store.forget('alice@example.org');
  expect(store.get('alice@example.org')).toBeUndefined();
});

it('keeps a bounded number of accounts, those that were used last', () => {
  const store = new CredentialStore();
  for (let user = 0; user < 100_001; user++) store.keep(`${user}@example.org`, KEPT);
  expect([store.get('0@example.org'), store.get('1@example.org')]).toEqual([undefined, KEPT]);
});
