import { randomFillSync } from 'node:crypto';
import { createResponse, type SipRequest, type SipResponse } from '@rollcall/sip';
import { SUPPORTED } from './capabilities.ts';

const SERVER = 'Rollcall';

/** A response of this front end: a To tag, and who answers. */
export function answer(
  request: SipRequest,
  status: number,
  headers: Iterable<readonly [string, string]> = [],
  reason?: string,
): SipResponse {
  return createResponse(request, status, reason, { toTag: newTag(), headers: [['Server', SERVER], ...headers] });
}

/** A response that makes a dialog with a To tag that is known already. */
export function answerInDialog(
  request: SipRequest,
  status: number,
  toTag: string,
  headers: Iterable<readonly [string, string]>,
): SipResponse {
  return createResponse(request, status, undefined, { toTag, headers: [['Server', SERVER], ...headers] });
}

/** The back end is overloaded or away: RFC 3261 §21.5.4. */
export function unavailable(request: SipRequest, retryAfterSeconds: number, why?: string): SipResponse {
  return answer(request, 503, [['Retry-After', String(retryAfterSeconds)]], why);
}

/** RFC 3261 §8.2.2.3: names what we do not support; undefined when all is supported. */
export function badExtension(
  request: SipRequest,
  required: string[],
  supported: readonly string[] = SUPPORTED,
): SipResponse | undefined {
  const unsupported = required.filter((tag) => !supported.includes(tag.toLowerCase()));
  return unsupported.length === 0 ? undefined : answer(request, 420, [['Unsupported', unsupported.join(', ')]]);
}

let dateSecond = 0;
let dateText = '';

/** RFC 3261 §20.17, made once a second. `now` in ms since the epoch. */
export function sipDate(now: number): string {
  const second = Math.floor(now / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

const TAG_BYTES = 8;
const OWN_TAG = 'rollcall';
const randomPool = Buffer.alloc(TAG_BYTES * 512);
let used = randomPool.length;

/** RFC 3261 §19.3: globally unique and unguessable. Randomness is drawn in bulk: one draw a tag would cost 2 µs. */
export function newTag(): string {
  if (used === randomPool.length) {
    randomFillSync(randomPool);
    used = 0;
  }
  used += TAG_BYTES;
  return OWN_TAG + randomPool.toString('hex', used - TAG_BYTES, used);
}

/** Whether a To tag is one of `newTag`: of an answer that this pool gave by itself, no endpoint of its own. */
export function isOwnTag(tag: string | undefined): boolean {
  return tag?.startsWith(OWN_TAG) ?? false;
}
