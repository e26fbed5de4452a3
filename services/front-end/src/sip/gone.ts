import type { Flow } from '@rollcall/sip';

/**
 * Nobody can be answered any more. Who has not heard an answer does it again elsewhere, and a front end that hung meanwhile is not to undo
 * that: what would make or keep something on a connection that is gone is not done. Never true of UDP.
 */
export function isGone({ reliable, closed }: Flow): boolean {
  return reliable && closed;
}
