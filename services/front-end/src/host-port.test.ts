import { expect, it } from 'vitest';
import { reachable } from './host-port.ts';

it('a front end that listens on all addresses tells the pool one that others can use', () => {
  expect(reachable('192.0.2.1:5060')).toBe('192.0.2.1:5060');
  expect(reachable('[2001:db8::1]:5060')).toBe('[2001:db8::1]:5060');
  expect(reachable('0.0.0.0:5060')).toMatch(/^(?!0\.)\d+\.\d+\.\d+\.\d+:5060$/);
  expect(reachable('[::]:5060')).toMatch(/^\[(?!::\])[\da-f:]+\]:5060$/);
});
