import { describe, expect, it } from 'vitest';
import { Domains } from './domains.ts';

function domains(names: () => string[]) {
  const state = { time: 0, loads: 0 };
  const made = new Domains({
    own: 'example.org',
    addresses: ['192.0.2.1', '2001:DB8::1'],
    load: async () => {
      state.loads += 1;
      return names();
    },
    now: () => state.time,
  });
  return { made, state };
}

describe('which domain a host means', () => {
  it('is the domain itself, or our own for our addresses', async () => {
    const { made } = domains(() => ['example.org', 'example.com']);
    expect(await made.find('example.com')).toBe('example.com');
    for (const host of ['192.0.2.1', '[2001:db8::1]', 'localhost']) expect(await made.find(host)).toBe('example.org');
    expect(await made.find('192.0.2.2')).toBeUndefined();
  });

  it('knows a domain a second after it was made, and does not ask the back end for every made-up name', async () => {
    let names = ['example.org'];
    const { made, state } = domains(() => names);
    expect(await made.find('new.org')).toBeUndefined();
    names = ['example.org', 'new.org'];
    for (let guess = 0; guess < 100; guess++) await made.find(`guess${guess}.org`);
    expect(state.loads).toBe(1);
    state.time = 1001;
    expect(await made.find('new.org')).toBe('new.org');
    expect(state.loads).toBe(2);
  });

  it('forgets a domain that was removed', async () => {
    let names = ['example.org', 'old.org'];
    const { made, state } = domains(() => names);
    expect(await made.find('old.org')).toBe('old.org');
    names = ['example.org'];
    state.time = 5001;
    await made.find('old.org');
    await expect.poll(() => made.find('old.org')).toBeUndefined();
  });

  it('goes on with what it knew when the back end is away', async () => {
    let away = false;
    const { made, state } = domains(() => {
      if (away) throw new Error('away');
      return ['example.org'];
    });
    await made.find('example.org');
    away = true;
    state.time = 60_000;
    expect(await made.find('example.org')).toBe('example.org');
    await expect(made.find('other.org')).rejects.toThrow('away');
  });
});
