/** Publications and subscriptions for the tests of their procedures. */
import type {
  BackEnd,
  Notification,
  PresenceState,
  PublishedState,
  PublishOutcome,
  PublishRequest,
  SubscribeOutcome,
  SubscribeRequest,
} from '../../../packages/back-end/src/index.ts';
import { NOON, type TestAccount } from '../fixture.ts';

/** Of `account` at noon for 600 s, unless said otherwise. */
export function publication(
  account: TestAccount,
  state: PublishedState | undefined,
  changes: Partial<PublishRequest> = {},
): PublishRequest {
  return {
    actor: { accountId: account.accountId, credentialVersion: 1 },
    target: account,
    event: 'presence',
    ...(state && { state }),
    expires: 600,
    now: NOON,
    ...changes,
  };
}

/** The outcome `published`; fails on any other. */
export async function publish(backEnd: BackEnd, request: PublishRequest) {
  return published(await backEnd.publish(request));
}

export function published(outcome: PublishOutcome) {
  if (outcome.outcome !== 'published') throw new Error(outcome.outcome);
  return outcome;
}

let calls = 0;

/** `watcher` subscribes to the presence of `target` at noon for an hour, over UDP on front end 1, unless said otherwise. */
export function subscription(
  watcher: TestAccount,
  target: TestAccount,
  changes: Partial<SubscribeRequest> = {},
): SubscribeRequest {
  return {
    actor: { accountId: watcher.accountId, credentialVersion: 1 },
    target: { user: target.user, domain: target.domain },
    isList: false,
    event: 'presence',
    expires: 3600,
    dialog: {
      callId: `call-${++calls}`,
      remoteTag: 'theirs',
      localUri: `sip:${target.user}@${target.domain}`,
      remoteUri: `sip:${watcher.user}@${watcher.domain}`,
      localTarget: 'sip:pool',
      remoteTarget: `sip:${watcher.user}@192.0.2.1`,
      routeSet: [],
      remoteCseq: 1,
    },
    place: { frontEndId: 1, transport: 'UDP', flow: 'flow-1', receivedFrom: '192.0.2.1:5060' },
    now: NOON,
    ...changes,
  };
}

/** The outcome `subscribed`, with a request that refreshes it; fails on any other. */
export async function subscribe(backEnd: BackEnd, request: SubscribeRequest) {
  const outcome = subscribed(await backEnd.subscribe(request));
  const refresh = (cseq: number, changes: Partial<SubscribeRequest> = {}): SubscribeRequest => ({
    ...request,
    dialog: { ...request.dialog, localTag: outcome.localTag, remoteCseq: cseq },
    subscriptionId: outcome.subscriptionId,
    ...changes,
  });
  return { ...outcome, reference: { accountId: outcome.accountId, id: outcome.subscriptionId }, refresh };
}

export function subscribed(outcome: SubscribeOutcome) {
  if (outcome.outcome !== 'subscribed') throw new Error(outcome.outcome);
  return outcome;
}

/** What is due on a front end because of these accounts. */
export async function take(
  backEnd: BackEnd,
  accounts: TestAccount[],
  now = NOON,
  frontEndId = 1,
): Promise<Notification[]> {
  const accountIds = accounts.map(({ accountId }) => accountId);
  return (await backEnd.takeNotifications({ frontEndId, accountIds, limit: 500, now })).notifications;
}

/** What the notifications say: who is told of whom, at which level, and which state. */
export function told(notifications: Notification[]): [string, string, string, number][] {
  return notifications
    .flatMap(({ watcher, resources }) =>
      resources.map(({ address, level, state }): [string, string, string, number] => [
        watcher,
        address,
        level,
        (state as PresenceState).availability,
      ]),
    )
    .sort();
}

export async function see(
  backEnd: BackEnd,
  watcher: TestAccount,
  target: TestAccount,
  now = NOON,
): Promise<PresenceState> {
  const [found] = await backEnd.findPresence({
    watcher: { accountId: watcher.accountId, credentialVersion: 1 },
    targets: [target],
    now,
  });
  if (found?.outcome !== 'found') throw new Error('unknown');
  return found.state;
}
