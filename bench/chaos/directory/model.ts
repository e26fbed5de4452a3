/** What a plain search says of a person. */
export interface Listed {
  readonly id: string;
  readonly dn: string;
  /** What it asks for, or why it can get nothing: then an account that it has keeps its address. */
  readonly address: string | { problem: 'malformed' | 'domain_unknown' };
  readonly enabled: boolean;
  readonly admin: boolean;
  readonly details: Details;
}

/** What the address book is to say of a person; what is not there is not a key. */
export type Details = Readonly<Record<string, string>>;

/** What the back end has. */
export interface Held {
  readonly entries: readonly HeldEntry[];
  readonly accounts: readonly HeldAccount[];
}

export interface HeldEntry {
  readonly id: string;
  readonly accountId: string | null;
  readonly problem: string | null;
  readonly gone: boolean;
}

export interface HeldAccount {
  readonly id: string;
  readonly address: string;
  readonly aliases: readonly string[];
  readonly enabled: boolean;
  readonly admin: boolean;
  /** Undefined: not in the address book. */
  readonly details: Details | undefined;
}

/**
 * Where the back end is not what the directory says. Who has an address depends on who had it first, so that of entries that ask for
 * the same one the model wants no certain winner, only that whoever waits has a reason and is reported.
 *
 * @param byHand addresses of accounts that the directory knows nothing of
 */
export function findMismatches(listed: readonly Listed[], held: Held, byHand: ReadonlySet<string>): string[] {
  const accounts = new Map(held.accounts.map((account) => [account.id, account]));
  const rows = new Map(held.entries.map((row) => [row.id, row]));
  const accountOf = (id: string) => accounts.get(rows.get(id)?.accountId ?? '');
  const excused = findExcused(listed, held, accountOf);
  const found = listed.flatMap((entry) => {
    const row = rows.get(entry.id);
    if (!row) return [`${entry.dn} is not known`];
    const account = accountOf(entry.id);
    const wrong = [row.gone && 'counts as gone', ...addressMismatches(entry, row, account, excused.has(entry.id))];
    // What is malformed changes nothing else either.
    if (account && !isProblem(entry.address, 'malformed')) wrong.push(...differences(entry, account));
    return wrong.flatMap((what) => (what ? [`${entry.dn} ${what}`] : []));
  });
  return [...found, ...findLeftOver(listed, held, byHand)];
}

function isProblem(address: Listed['address'], problem: string): boolean {
  return typeof address !== 'string' && address.problem === problem;
}

function addressMismatches(
  { address }: Listed,
  { problem }: HeldEntry,
  account: HeldAccount | undefined,
  excused: boolean,
): (string | false)[] {
  if (typeof address !== 'string')
    return [problem !== address.problem && `is ${address.problem}, and reported is ${problem ?? 'nothing'}`];
  if (account?.address === address)
    return [problem !== null && `has what it asks for, and reported is a problem: ${problem}`];
  if (!excused) return [`has ${account?.address ?? 'no account'}, not ${address} (${problem ?? 'no problem'})`];
  return [problem !== 'conflict' && `waits for ${address}, and reported is ${problem ?? 'nothing'}`];
}

function differences(entry: Listed, account: HeldAccount): (string | false)[] {
  const [shown, wanted] = [account.details, entry.enabled ? entry.details : undefined].map(inOrder);
  return [
    account.enabled !== entry.enabled && `is ${account.enabled ? 'enabled' : 'disabled'}`,
    account.admin !== entry.admin && `is ${account.admin ? 'an' : 'no'} administrator`,
    shown !== wanted && `is ${shown} in the address book, not ${wanted}`,
  ];
}

function inOrder(details: Details | undefined): string {
  return details ? JSON.stringify(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1))) : 'nothing';
}

/** Entries that may wait for their address: someone keeps it, or another one asks for it. Those who only wait for each other may not. */
function findExcused(
  listed: readonly Listed[],
  held: Held,
  accountOf: (id: string) => HeldAccount | undefined,
): ReadonlySet<string> {
  const waiting = listed.flatMap(({ id, address }) =>
    typeof address === 'string' && accountOf(id)?.address !== address ? [{ id, address }] : [],
  );
  const waiters = Map.groupBy(waiting, ({ address }) => address);
  const holders = new Map(
    held.accounts.flatMap(({ id, address, aliases }) => [address, ...aliases].map((one) => [one, id] as const)),
  );
  const leaving = new Map(waiting.map((entry) => [accountOf(entry.id)?.id, entry.id]));
  const excused = new Set<string>();
  for (let before = -1; before < excused.size; ) {
    before = excused.size;
    for (const { id, address } of waiting) {
      const holder = holders.get(address);
      const stays = holder !== undefined && (!leaving.has(holder) || excused.has(leaving.get(holder)!));
      if (stays || waiters.get(address)!.length > 1) excused.add(id);
    }
  }
  return excused;
}

/** Accounts of nobody, of two, and of entries that are no longer listed. */
function findLeftOver(listed: readonly Listed[], held: Held, byHand: ReadonlySet<string>): string[] {
  const ids = new Set(listed.map(({ id }) => id));
  const owners = Map.groupBy(held.entries, ({ accountId }) => accountId);
  const gone = held.entries.filter(({ id, gone }) => !ids.has(id) && !gone).map(({ id }) => `${id} is not found gone`);
  const accounts = held.accounts.flatMap((account) => {
    const owned = owners.get(account.id) ?? [];
    const live = owned.some(({ id }) => ids.has(id));
    const wrong = [
      owned.length !== (byHand.has(account.address) ? 0 : 1) && `belongs to ${owned.length} entries`,
      owned.length > 0 && !live && account.enabled && 'is enabled, and its entry is gone',
      owned.length > 0 && !live && account.details && 'is in the address book, and its entry is gone',
    ];
    return wrong.flatMap((what) => (what ? [`account ${account.address} ${what}`] : []));
  });
  const there = new Set(held.accounts.flatMap(({ address, enabled }) => (enabled ? [address] : [])));
  return [...gone, ...accounts, ...[...byHand].filter((one) => !there.has(one)).map((one) => `${one} is missing`)];
}
