import { setTimeout as sleep } from 'node:timers/promises';
import { LostError } from './exchange.ts';
import type { PresencePhone } from './phone.ts';
import { documentOf, somePublished } from './published.ts';
import type { Published } from './shown.ts';
import type { Player, Stage } from './stage.ts';

/** A transaction of a front end that was killed may still run for a moment. ms */
const AFTERMATH_MS = 500;

/** Says something, or something else than before. */
export async function publish(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  if (!phone.registered) return 'not registered';
  // A front end that hung may store it late: nobody can be known to have gone.
  if (phone.transport === 'UDP') return 'only watches';
  const state = somePublished(player.chance, stage.count());
  return send(stage, player, phone, { state });
}

export async function refreshPublication(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  return phone.etag === undefined ? 'nothing published' : send(stage, player, phone, {});
}

export async function removePublication(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  return phone.etag === undefined ? 'nothing published' : send(stage, player, phone, { removal: true });
}

/** Takes its registration back, or registers. */
export async function register(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  await setRegistered(stage, player, phone, !phone.registered);
  return phone.registered ? 'registered' : 'unregistered';
}

interface Wanted {
  state?: Published;
  removal?: boolean;
}

async function send(stage: Stage, player: Player, phone: PresencePhone, wanted: Wanted): Promise<string> {
  const { model } = stage;
  for (let lost = false; ; lost = true) {
    const { etag } = phone;
    let answer: Awaited<ReturnType<PresencePhone['send']>>;
    try {
      answer = await phone.send(() => request(phone, wanted));
    } catch (error) {
      if (!(error instanceof LostError)) throw error;
      await sleep(AFTERMATH_MS);
      // A publication without a known tag ends with its endpoint.
      if (etag === undefined) await registerAnew(stage, player, phone);
      continue;
    }
    if (answer.status === 200) {
      phone.etag = wanted.removal ? undefined : answer.header('SIP-ETag');
      if (wanted.removal) model.publish(player.name, phone.instance, undefined);
      else if (wanted.state) model.publish(player.name, phone.instance, wanted.state);
      return `200, ${etag} to ${phone.etag}${wanted.state ? `: ${JSON.stringify(wanted.state)}` : ''}`;
    }
    if (answer.status !== 412 || !lost) {
      stage.ledger.broken.push(`${player.name}: PUBLISH with ${etag} got ${answer.status} ${answer.reason}`);
    }
    await registerAnew(stage, player, phone);
    if (!wanted.state) return `${answer.status}, registered anew`;
  }
}

/** All that the phone has published has ended, what it knew of and what it did not. */
async function registerAnew(stage: Stage, player: Player, phone: PresencePhone): Promise<void> {
  await setRegistered(stage, player, phone, false);
  await setRegistered(stage, player, phone, true);
}

async function setRegistered(stage: Stage, player: Player, phone: PresencePhone, wanted: boolean): Promise<void> {
  await phone.open();
  phone.registered = wanted;
  const { answer } = await phone.insist(() => phone.registration(wanted ? 3600 : 0));
  if (answer.status !== 200) {
    stage.ledger.broken.push(`${player.name}: REGISTER got ${answer.status} ${answer.reason}`);
  }
  if (wanted) return stage.model.register(player.name, phone.instance);
  stage.model.unregister(player.name, phone.instance);
  phone.etag = undefined;
  for (const subscription of phone.subscriptions.values()) subscription.bound = false;
}

function request(phone: PresencePhone, { state, removal }: Wanted) {
  const headers: [string, string][] = [['Event', 'presence']];
  if (state) headers.push(['Content-Type', 'application/pidf+xml']);
  if (phone.etag !== undefined) headers.push(['SIP-If-Match', phone.etag]);
  return {
    ...{ method: 'PUBLISH', uri: phone.addressOfRecord, expires: removal ? 0 : 3600, headers },
    ...(state && { body: documentOf(state, phone.addressOfRecord) }),
  };
}
