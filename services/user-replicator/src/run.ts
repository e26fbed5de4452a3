import { createHash } from 'node:crypto';
import {
  type ApplyDirectoryChangesOutcome,
  type Bus,
  type DirectoryChangeRequest,
  type DirectoryLock,
  publishDirectoryChanges,
} from '@rollcall/back-end';
import type { DirectoryChange, DirectorySource } from '@rollcall/directory';
import { mapEntry } from './mapping/map-entry.ts';
import { attributesOf, groupsOf, type Mapping, type MappingFile, makeMapping } from './mapping/mapping.ts';
import type { Progress } from './progress.ts';

export interface RunOptions {
  lock: DirectoryLock;
  open(): Promise<DirectorySource>;
  mapping: MappingFile;
  bus: Bus;
  isFull: IsFull;
  disableLimitPercent: number;
  graceDays: number;
  progress(full: boolean): Progress;
  /** Ends it between two batches. */
  signal: AbortSignal;
}

/** Whether everything is to be read, as it last was then. */
export type IsFull = (lastFullAt: Date | undefined) => boolean;

/** `full`: everything was read, asked for or not, but for the branches `elsewhere`. */
export type RunOutcome = ApplyDirectoryChangesOutcome & { full: boolean; elsewhere: readonly string[] };

/** Changes that are staged with one call. */
const BATCH = 1000;
/** Accounts whose grace has ended that go with one call. */
const REMOVALS = 1000;

/**
 * One run: reads what has changed in the directory, stages it, and applies it when all is there. It may end anywhere; the
 * next one begins where the last that ended well did.
 */
export async function run(options: RunOptions): Promise<RunOutcome> {
  const { lock, bus, disableLimitPercent, graceDays, signal } = options;
  // 1. Where the last run ended. What another mapping has read says nothing of what this one would.
  const begun = await lock.beginDirectoryRun({ full: false });
  const source = await options.open();
  const mapping = makeMapping(source.kind, options.mapping);
  const mark = markOf(mapping);
  const cookie = begun.cookie?.subarray(0, mark.length).equals(mark) ? begun.cookie.subarray(mark.length) : undefined;
  const asked = cookie === undefined || options.isFull(begun.lastFullAt);
  if (asked) await lock.beginDirectoryRun({ full: true });

  // 2. What has changed since.
  const progress = options.progress(asked);
  const read = await source.changes({
    ...(cookie && { cookie }),
    full: asked,
    attributes: attributesOf(mapping),
    groups: groupsOf(mapping),
    knownMembers: (group) => lock.knownMembers(group),
  });
  try {
    // 3. Nothing of it counts yet.
    let entries = 0;
    for await (const batch of inBatches(read.changes, mapping)) {
      await lock.stageDirectoryChanges(batch);
      signal.throwIfAborted();
      entries += batch.length;
      progress.read(entries);
    }
    // 4. All of it, batch by batch; the last one writes the cookie.
    const { full, elsewhere } = read;
    const outcome = await lock.applyDirectoryChanges({
      ...{ full, elsewhere, disableLimitPercent, cookie: Buffer.concat([mark, read.cookie()]) },
      onProgress(done, total) {
        signal.throwIfAborted();
        progress.applied(done, total);
      },
      onChanges: (changes) => publishDirectoryChanges(bus, changes),
    });
    // 5. Who has been gone for too long.
    if (outcome.outcome === 'applied') await removeGone(lock, bus, graceDays);
    return { ...outcome, full, elsewhere };
  } finally {
    progress.end();
  }
}

function markOf(mapping: Mapping): Buffer {
  return createHash('sha256').update(JSON.stringify(mapping)).digest();
}

/** Each entry is mapped as it comes: what it says of a person is short, and its photo is not. */
async function* inBatches(
  changes: AsyncIterable<DirectoryChange>,
  mapping: Mapping,
): AsyncGenerator<DirectoryChangeRequest[]> {
  let batch: DirectoryChangeRequest[] = [];
  for await (const change of changes) {
    if (batch.push(requestOf(change, mapping)) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function requestOf(change: DirectoryChange, mapping: Mapping): DirectoryChangeRequest {
  if (change.kind === 'gone') return change;
  const mapped = mapEntry(change.entry, mapping, new Date());
  if (mapped.outcome === 'person') return { kind: 'person', person: mapped.person, groups: change.entry.groups };
  const { outcome: _, ...skipped } = mapped;
  return { kind: 'skipped', ...skipped };
}

async function removeGone(lock: DirectoryLock, bus: Bus, graceDays: number): Promise<void> {
  for (let removed = REMOVALS; removed === REMOVALS; ) {
    const gone = await lock.removeGoneAccounts({ graceDays, limit: REMOVALS });
    publishDirectoryChanges(bus, gone.changes);
    removed = gone.removed;
  }
}
