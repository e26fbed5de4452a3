import { setTimeout as sleep } from 'node:timers/promises';
import { ownState } from './own-events.ts';
import { findOrphans, findUnknown, type Query } from './rows.ts';
import { sayBriefly } from './rule-steps.ts';
import type { PresenceChaosResult } from './run.ts';
import { describe, isSame } from './shown.ts';
import type { Player, Stage } from './stage.ts';
import { fetch } from './subscribe-steps.ts';

/** ms: nothing sent for so long, and the longest that it may take to tell everybody. */
const QUIET_MS = 3000;
const SETTLE_MS = 15_000;
const LOOK_MS = 250;
/** In so long watchers hear of what time has changed: a second, half a second between two notifications of a list, and the way. */
const PROMPT_MS = 2000;
/** s, of what is said for a moment when all else is quiet. */
const BRIEFLY_S = 4;

/** Once nothing is sent any more every watcher holds what the model says, every fetch answers so, and no row is left over. */
export async function compare(
  stage: Stage,
  players: readonly Player[],
  query: Query,
  result: Pick<PresenceChaosResult, 'compared' | 'trace'>,
): Promise<void> {
  const { ledger } = stage;
  for (const player of players) {
    for (const phone of player.phones) await phone.open();
  }
  const started = performance.now();
  const lastAt = () => Math.max(ledger.lastAt, started, ...stage.streams.map((stream) => stream.lastAt));
  const isQuiet = () => performance.now() - lastAt() > QUIET_MS;
  let wrong = await findWrong(stage, query);
  while (performance.now() - started < SETTLE_MS && !(isQuiet() && wrong.length === 0)) {
    await sleep(LOOK_MS);
    wrong = await findWrong(stage, query);
  }
  ledger.broken.push(...wrong);
  result.compared += ledger.live.length + stage.streams.length;
  for (const player of players) await compareFetch(stage, player, result);
  if (ledger.broken.length === 0) await compareWhileTimePasses(stage, players, query, result);
}

/** What some say ends by itself: watchers hear of it at once. */
async function compareWhileTimePasses(
  stage: Stage,
  players: readonly Player[],
  query: Query,
  { trace }: Pick<PresenceChaosResult, 'trace'>,
): Promise<void> {
  for (const player of players) {
    if (player.chance.happens(0.5)) trace.push(`briefly ${player.name} ${await sayBriefly(stage, player, BRIEFLY_S)}`);
  }
  const said = performance.now();
  await sleep(PROMPT_MS);
  while (performance.now() < said + BRIEFLY_S * 1000 + PROMPT_MS && stage.ledger.broken.length === 0) {
    const late = await findLate(stage, query);
    stage.ledger.broken.push(...late.map((line) => `late: ${line}`));
    await sleep(LOOK_MS);
  }
}

async function compareFetch(
  stage: Stage,
  player: Player,
  result: Pick<PresenceChaosResult, 'compared'>,
): Promise<void> {
  const { ledger, model } = stage;
  const phone = player.phones[0]!;
  await phone.findServer();
  const target = player.chance.of(stage.names);
  const asked = performance.now();
  const shown = await fetch(stage, player, phone, target);
  const wanted = [asked - PROMPT_MS, performance.now()].map((at) => model.shown(player.name, target, at));
  if (!wanted.some((one) => isSame(shown, one))) {
    ledger.broken.push(`${player.name} fetches ${target}: ${describe(shown)}, not ${describe(wanted[1])}`);
  }
  result.compared += 1;
}

async function findWrong(stage: Stage, query: Query): Promise<string[]> {
  return [...(await findLate(stage, query)), ...(await findOrphans(query, stage))];
}

/** Who has not been told what is so, or was so a moment ago. */
async function findLate(stage: Stage, query: Query): Promise<string[]> {
  const { ledger, model } = stage;
  const { wrong, ...unknown } = await findUnknown(query, stage);
  const now = performance.now();
  const late = ledger.mismatches(model, [now, now - PROMPT_MS], (name, event, at) =>
    ownState({ ...stage, ...unknown }, name, event, at),
  );
  const streams = stage.streams.flatMap((stream) => stream.mismatches(model, [now, now - PROMPT_MS]));
  return [...wrong, ...late, ...streams];
}
