import { expect, it } from 'vitest';
import { newAppPassword, newPassword } from './new-password.ts';

it('makes passwords of letters and digits that cannot be mistaken, in groups, another each time', () => {
  expect(newPassword()).toMatch(/^[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){2}$/);
  const made = new Set(Array.from({ length: 1000 }, newAppPassword));
  expect(made.size).toBe(1000);
  for (const password of made) expect(password).toMatch(/^[a-km-np-z2-9]{5}(-[a-km-np-z2-9]{5}){5}$/);
});
