import { z } from 'zod';
import { LOG_LEVELS } from './log.ts';

/** A whole number given as text or number. */
export function wholeNumber(minimum: number, maximum: number) {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/, error).transform(Number)], { error })
    .refine((n) => Number.isInteger(n) && n >= minimum && n <= maximum, { error });
}

/** A TCP or UDP port; 0 takes any free one. */
export function port() {
  return wholeNumber(0, 65_535);
}

/** A comma list of choices, e.g. `MD5,SHA-256`; at least one, none twice. */
export function choices<const Choice extends string>(allowed: readonly [Choice, ...Choice[]]) {
  const error = `must be one or more of ${allowed.join(', ')}, with commas between`;
  return z
    .union([z.array(z.string()), z.string().transform((text) => text.split(',').map((part) => part.trim()))])
    .pipe(z.array(z.enum(allowed, { error }), { error }).nonempty({ error }))
    .refine((list) => new Set(list).size === list.length, { error });
}

/** postgres://user:password@host:port/database */
export function databaseUrl() {
  return z.string().refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol), {
    error: 'must be a URL like postgres://user:password@host:5432/rollcall',
  });
}

/** redis://user:password@host:port/database, or rediss:// for TLS */
export function redisUrl() {
  return z.string().refine((text) => URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol), {
    error: 'must be a URL like redis://redis.example.org:6379/0',
  });
}

export function logLevel() {
  return z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` });
}
