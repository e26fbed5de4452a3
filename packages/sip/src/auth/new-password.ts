import { randomInt } from 'node:crypto';

/** Lower-case letters and digits that no font makes look alike. */
const CHARACTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A random password for people to type, e.g. `k7wm-x3hq-p9dt`: 59 bits. */
export function newPassword(): string {
  return groups(3, 4);
}

/** A random password that is typed or pasted once, into one device: 30 characters in groups of five, 148 bits. */
export function newAppPassword(): string {
  return groups(6, 5);
}

function groups(count: number, length: number): string {
  const character = () => CHARACTERS[randomInt(CHARACTERS.length)];
  return Array.from({ length: count }, () => Array.from({ length }, character).join('')).join('-');
}
