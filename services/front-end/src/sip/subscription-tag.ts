import type { SubscriptionName } from '../presence/types.ts';

/** As api.subscribe makes them: ours, the watcher's account, the subscription, and what nobody guesses. */
const TAG = /^rollcall-s([0-9a-f]{1,13})-([0-9a-f]{1,13})-[0-9a-f]+$/;

/** The subscription that a To tag of ours names; undefined for any other tag. Whether it is there the back end says. */
export function readSubscriptionTag(tag: string | undefined): SubscriptionName | undefined {
  const match = tag === undefined ? null : TAG.exec(tag);
  if (!match) return undefined;
  return { accountId: Number.parseInt(match[1]!, 16), id: Number.parseInt(match[2]!, 16) };
}
