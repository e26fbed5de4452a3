import { randomInt } from 'node:crypto';

/** Lower-case letters and digits that no font makes look alike. */
const CHARACTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A random password for people to type, e.g. `k7wm-x3hq-p9dt`: 59 bits. */
export function newPassword(): string {
  const group = () => Array.from({ length: 4 }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join('');
  return [group(), group(), group()].join('-');
}
