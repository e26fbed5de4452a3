import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SipAnswer } from '@rollcall/test-kit';
import { uriOf } from '@rollcall/test-kit';
import { insist, LostError } from './exchange.ts';
import { refresh } from './held-subscription.ts';
import type { Name } from './model.ts';
import { OWN_EVENTS, type OwnEvent } from './own-events.ts';
import type { PresencePhone } from './phone.ts';
import type { Player, Stage } from './stage.ts';

const MAXIMUM = 5;
const FETCH_MS = 5000;

const SINGLE = [['Event', 'presence'] as const, ['Accept', 'application/pidf+xml'] as const];
const LIST = [
  ['Event', 'presence'] as const,
  ['Accept', 'application/pidf+xml, application/rlmi+xml, multipart/related'] as const,
  ['Supported', 'eventlist'] as const,
];

/** Watches one account, its own list, or what only itself is told of itself. */
export async function subscribe(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  if (phone.subscriptions.size >= MAXIMUM) return 'has enough';
  if (player.chance.happens(0.2)) return subscribeTo(stage, player, phone, player.name, player.chance.of(OWN_EVENTS));
  const target = player.chance.happens(0.4) ? undefined : player.chance.of([...stage.names, ...stage.aliases]);
  return subscribeTo(stage, player, phone, target);
}

export async function subscribeTo(
  stage: Stage,
  player: Player,
  phone: PresencePhone,
  target: Name | undefined,
  event: 'presence' | OwnEvent = 'presence',
) {
  const { callId, local, headers, uri, request } = newSubscribe(phone, target, 3600, event);
  const watch = stage.ledger.open(callId, player.name, target, { event });
  let answer: SipAnswer;
  try {
    answer = await phone.send(request);
  } catch (error) {
    if (!(error instanceof LostError)) throw error;
    stage.ledger.forget(callId);
    stage.lost.add(callId);
    return `${callId} lost`;
  }
  if (answer.status !== 200) {
    stage.ledger.broken.push(`${player.name}: SUBSCRIBE to ${uri} got ${answer.status} ${answer.reason}`);
    return `${answer.status}`;
  }
  watch.established = true;
  phone.subscriptions.set(callId, {
    ...{ callId, local, headers, remote: answer.header('To') ?? '', target: uriOf(answer.header('Contact') ?? '') },
    bound: phone.registered,
  });
  return `${callId} to ${event} of ${target ?? 'its list'}`;
}

export async function refreshSubscription(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  const subscription = some(player, phone);
  if (!subscription) return 'none';
  const { answer } = await insist(phone, () => refresh(subscription, phone.contact(), 3600));
  if (answer.status === 200) subscription.bound = phone.registered;
  else {
    stage.ledger.broken.push(`${player.name}: refresh of ${subscription.callId} got ${answer.status} ${answer.reason}`);
    phone.drop(subscription.callId);
  }
  return `${subscription.callId} ${answer.status}`;
}

export async function unsubscribe(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  const subscription = some(player, phone);
  if (!subscription) return 'none';
  const { callId } = subscription;
  const watch = stage.ledger.find(callId);
  if (watch) watch.ending = true;
  const { answer, lost } = await insist(phone, () => refresh(subscription, phone.contact(), 0));
  if (answer.status !== 200 && !(lost && answer.status === 481)) {
    stage.ledger.broken.push(`${player.name}: end of ${callId} got ${answer.status} ${answer.reason}`);
  }
  phone.drop(callId);
  return `${callId} ${answer.status}`;
}

/** Asks once (RFC 6665 §4.4.3). @returns what it was told; undefined: the connection broke first */
export async function fetch(stage: Stage, player: Player, phone: PresencePhone, target: Name) {
  const { callId, request } = newSubscribe(phone, target, 0);
  const watch = stage.ledger.open(callId, player.name, target, { ending: true });
  try {
    const answer = await phone.send(request);
    if (answer.status !== 200) stage.ledger.broken.push(`${player.name}: fetch of ${target} got ${answer.status}`);
    const { connections } = phone;
    for (let waited = 0; !watch.ended && phone.connections === connections; waited += 20) {
      if (waited > FETCH_MS) {
        stage.ledger.broken.push(`${player.name}: fetch of ${target} (${callId}) is never answered`);
        return undefined;
      }
      await sleep(20);
    }
    return watch.held.get('');
  } catch (error) {
    if (!(error instanceof LostError)) throw error;
    return undefined;
  } finally {
    stage.ledger.forget(callId);
    stage.lost.add(callId);
  }
}

function newSubscribe(
  phone: PresencePhone,
  target: Name | undefined,
  expires: number,
  event: 'presence' | OwnEvent = 'presence',
) {
  const callId = `${randomBytes(8).toString('hex')}@chaos.test`;
  const local = `<${phone.addressOfRecord}>;tag=${randomBytes(4).toString('hex')}`;
  const uri = target === undefined ? `${phone.addressOfRecord};list=contacts` : `sip:${target}`;
  const single = event === 'presence' ? SINGLE : [['Event', event] as const];
  const headers = target === undefined ? LIST : single;
  const request = () => ({
    ...{ method: 'SUBSCRIBE', uri, from: local, to: `<${uri}>`, callId, expires, headers, contacts: [phone.contact()] },
  });
  return { callId, local, headers, uri, request };
}

function some(player: Player, phone: PresencePhone) {
  const held = [...phone.subscriptions.values()];
  return held.length === 0 ? undefined : player.chance.of(held);
}
