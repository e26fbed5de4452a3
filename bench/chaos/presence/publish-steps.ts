import { setTimeout as sleep } from 'node:timers/promises';
import { insist, LostError } from './exchange.ts';
import type { PresencePhone } from './phone.ts';
import { documentOf, somePublished } from './published.ts';
import type { Published } from './shown.ts';
import type { Player, Stage } from './stage.ts';

/** A transaction of a front end that was killed may still run for a moment. ms */
const AFTERMATH_MS = 500;
/** s, of a registration that is refreshed. */
const LONG = 3600;
/** s; the shortest that a front end takes. */
const EXPIRES = [60, 3600, 3600];
/** Around the end of a publication: it may have ended or not. */
const ENDING_MS = 2000;

/** Says something, or something else than before. */
export async function publish(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  if (!phone.registered) return 'not registered';
  const state = somePublished(player.chance, stage.count());
  return send(stage, player, phone, { state, expires: player.chance.of(EXPIRES) });
}

export async function refreshPublication(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  return phone.etag === undefined
    ? 'nothing published'
    : send(stage, player, phone, { expires: player.chance.of(EXPIRES) });
}

export async function removePublication(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  return phone.etag === undefined ? 'nothing published' : send(stage, player, phone, { expires: 0 });
}

/** Takes its registration back, or registers. */
export async function register(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  await setRegistered(stage, player, phone, phone.registered ? 0 : LONG);
  return phone.registered ? 'registered' : 'unregistered';
}

/** Registers for a few seconds, and does not refresh it. */
export async function lapse(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  if (!phone.registered) return 'not registered';
  const seconds = Math.round(player.chance.between(2, 5));
  await setRegistered(stage, player, phone, seconds);
  phone.registered = false;
  return `for ${seconds} s`;
}

interface Wanted {
  state?: Published;
  /** 0: it is taken back. */
  expires: number;
}

async function send(stage: Stage, player: Player, phone: PresencePhone, wanted: Wanted): Promise<string> {
  const { model } = stage;
  for (let lost = false; ; lost = true) {
    if (phone.publishedUntil < performance.now()) phone.etag = undefined;
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
      const until = performance.now() + wanted.expires * 1000;
      phone.etag = wanted.expires === 0 ? undefined : answer.header('SIP-ETag');
      phone.publishedUntil = until;
      if (wanted.expires === 0) model.publish(player.name, phone.instance, undefined);
      else if (wanted.state) model.publish(player.name, phone.instance, wanted.state, until, etag === undefined);
      else model.refresh(player.name, phone.instance, until);
      return `200, ${etag} to ${phone.etag}${wanted.state ? `: ${JSON.stringify(wanted.state)}` : ''}`;
    }
    const isOver = phone.publishedUntil < performance.now() + ENDING_MS;
    if (answer.status !== 412 || !(lost || isOver)) {
      stage.ledger.broken.push(`${player.name}: PUBLISH with ${etag} got ${answer.status} ${answer.reason}`);
    }
    await registerAnew(stage, player, phone);
    if (!wanted.state) return `${answer.status}, registered anew`;
  }
}

/** All that the phone has published has ended, what it knew of and what it did not. */
async function registerAnew(stage: Stage, player: Player, phone: PresencePhone): Promise<void> {
  await setRegistered(stage, player, phone, 0);
  await setRegistered(stage, player, phone, LONG);
}

async function setRegistered(stage: Stage, player: Player, phone: PresencePhone, seconds: number): Promise<void> {
  await phone.open();
  if (seconds === 0) await phone.afterHang();
  phone.registered = seconds > 0;
  const { answer } = await insist(phone, () => phone.registration(seconds));
  if (answer.status !== 200) {
    stage.ledger.broken.push(`${player.name}: REGISTER got ${answer.status} ${answer.reason}`);
  }
  if (seconds > 0)
    return stage.model.register(
      player.name,
      phone.instance,
      seconds === LONG ? undefined : performance.now() + seconds * 1000,
    );
  stage.model.unregister(player.name, phone.instance);
  phone.etag = undefined;
  for (const subscription of phone.subscriptions.values()) subscription.bound = false;
}

function request(phone: PresencePhone, { state, expires }: Wanted) {
  const headers: [string, string][] = [['Event', 'presence']];
  if (state) headers.push(['Content-Type', 'application/pidf+xml']);
  if (phone.etag !== undefined) headers.push(['SIP-If-Match', phone.etag]);
  return {
    ...{ method: 'PUBLISH', uri: phone.addressOfRecord, expires, headers },
    ...(state && { body: documentOf(state, phone.addressOfRecord) }),
  };
}
