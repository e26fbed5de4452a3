import { leaveMessage } from './message-steps.ts';
import type { PresencePhone } from './phone.ts';
import { lapse, publish, refreshPublication, register, removePublication } from './publish-steps.ts';
import { changeContacts, changeRule, sayByHand } from './rule-steps.ts';
import type { Player, Stage } from './stage.ts';
import { fetch, refreshSubscription, subscribe, unsubscribe } from './subscribe-steps.ts';

type Step = (stage: Stage, player: Player, phone: PresencePhone) => Promise<string>;

/** What an account does, and how often beside the others. */
const STEPS = {
  publish: [30, publish],
  'refresh publication': [4, refreshPublication],
  'remove publication': [4, removePublication],
  'say by hand': [5, sayByHand],
  subscribe: [14, subscribe],
  'refresh subscription': [5, refreshSubscription],
  unsubscribe: [8, unsubscribe],
  fetch: [4, fetchSome],
  'change rule': [12, changeRule],
  'change contacts': [10, changeContacts],
  register: [5, register],
  lapse: [2, lapse],
  'leave message': [6, leaveMessage],
  roam: [5, roam],
} as const satisfies Record<string, readonly [number, Step]>;

type StepName = keyof typeof STEPS;

const WEIGHTS = Object.fromEntries(Object.entries(STEPS).map(([name, [weight]]) => [name, weight])) as Record<
  StepName,
  number
>;

/** Does something. @returns what it was */
export async function takeStep(stage: Stage, player: Player): Promise<string> {
  const name = player.chance.weighed(WEIGHTS);
  const phone = player.chance.of(player.phones);
  const done = await STEPS[name][1](stage, player, phone);
  return `${player.name} ${player.phones.indexOf(phone)} ${name}: ${done}`;
}

async function fetchSome(stage: Stage, player: Player, phone: PresencePhone): Promise<string> {
  const target = player.chance.of(stage.names);
  await fetch(stage, player, phone, target);
  return target;
}

async function roam(_stage: Stage, _player: Player, phone: PresencePhone): Promise<string> {
  await phone.roam();
  return `connection ${phone.connections}`;
}
