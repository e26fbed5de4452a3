import { readDirectorySettings } from './settings.ts';
import { openSource } from './source.ts';
import type { DirectoryEntry, DirectoryKind } from './types.ts';

interface Followed {
  readonly url: string;
  readonly bind: string;
  readonly password: string;
  readonly ca: string;
}

interface Choices {
  readonly kind?: DirectoryKind;
  readonly base?: string;
  readonly filter?: string;
  readonly groups?: readonly string[];
  readonly attributes?: readonly string[];
  readonly now?: () => number;
  readonly bind?: string;
}

/** What one run told: `full`, and in short what came, e.g. `alice` or `gone bob`. */
export interface RunTold {
  readonly full: boolean;
  readonly told: readonly string[];
}

/** Keeps what a back end would keep of a directory: entries by id, and the cookie of the last run that was applied. */
export async function follow(directory: Followed, choices: Choices = {}) {
  const settings = readDirectorySettings({
    ...{ directoryUrl: [directory.url], directoryStartTls: false, directoryPlain: false, directoryTimeout: 10 },
    ...{ directoryBindDn: choices.bind ?? directory.bind, directoryPassword: directory.password },
    ...{ directoryCa: directory.ca, directoryKind: choices.kind, directoryBase: choices.base },
    directoryFilter: choices.filter,
  });
  const { groups = [], attributes = ['cn', 'mail', 'displayName'], now = Date.now } = choices;
  const source = await openSource(settings, { now });
  const entries = new Map<string, DirectoryEntry>();
  const follower = {
    source,
    entries,
    cookie: undefined as Buffer | undefined,
    /** Of the last run. */
    elsewhere: [] as readonly string[],
    /** @param options.applied false: as when the back end refuses what came, or dies */
    async run(options: { full?: boolean; applied?: boolean } = {}): Promise<RunTold> {
      const knownMembers = async (group: string) =>
        [...entries.values()].filter((entry) => entry.groups.includes(group)).map(({ id }) => id);
      const { cookie } = follower;
      const run = await source.changes({ cookie, full: options.full, attributes, groups, knownMembers });
      const staged = new Map<string, DirectoryEntry | undefined>();
      for await (const change of run.changes) {
        if (change.kind === 'entry') staged.set(change.entry.id, change.entry);
        else staged.set(change.id, undefined);
      }
      follower.elsewhere = run.elsewhere;
      const told = [...staged].map(([id, entry]) => (entry ? nameOf(entry) : `gone ${nameOf(entries.get(id))}`));
      if (options.applied !== false) {
        if (run.full) entries.clear();
        for (const [id, entry] of staged) entry ? entries.set(id, entry) : entries.delete(id);
        follower.cookie = run.cookie();
      }
      return { full: run.full, told: told.sort() };
    },
    /** By the first part of their names. */
    names: () => [...entries.values()].map(nameOf).sort(),
    groupsOf: (name: string) => [...entries.values()].find((entry) => nameOf(entry) === name)?.groups,
    valueOf: (name: string, attribute: string) =>
      [...entries.values()]
        .find((entry) => nameOf(entry) === name)
        ?.attributes.get(attribute)
        ?.map(String),
    idOf: (name: string) => [...entries.values()].find((entry) => nameOf(entry) === name)?.id,
  };
  return follower;
}

function nameOf(entry: DirectoryEntry | undefined): string {
  return /^[^=]+=([^,]+)/.exec(entry?.dn ?? '')?.[1] ?? 'nobody';
}
