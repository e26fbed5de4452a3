import type { FoundEntry } from './answers.ts';
import type { DirectoryConnection } from './connection.ts';
import { fingerprintOf, readCookie, writeCookie } from './cookie.ts';
import type { DirectoryFacts } from './facts.ts';
import { Membership } from './membership.ts';
import { idOf, readById } from './read-entries.ts';
import { StartOver, type Stream } from './stream.ts';
import type { ChangesFrom, DirectoryChange, SourceRun } from './types.ts';

export interface RunContext {
  readonly facts: DirectoryFacts;
  readonly stream: Stream;
  readonly pageSize: number;
  connect(): Promise<DirectoryConnection>;
  end(connection: DirectoryConnection): void;
}

/** One run: the stream of its kind of server, and the groups of what it brings. */
export class Run implements SourceRun {
  readonly changes: AsyncIterable<DirectoryChange>;
  readonly from: ChangesFrom;
  readonly membership: Membership;
  readonly #context: RunContext;
  readonly #fingerprint: string;
  #full: boolean;
  #mark: string | undefined;
  #turn: number;
  #elsewhere: readonly string[] = [];
  /** Everything has been told. */
  hasEnded = false;

  /** @param last the run before, whose cookie may be where this one begins */
  constructor(context: RunContext, from: ChangesFrom, last: Run | undefined) {
    this.#context = context;
    this.from = from;
    this.#fingerprint = fingerprintOf(context.facts, from);
    const position = from.full ? undefined : readCookie(this.#fingerprint, from.cookie);
    this.#full = position === undefined;
    this.#mark = position?.mark;
    this.#turn = position?.turn ?? 0;
    // A run that begins elsewhere: the last one was not applied, and the back end may know other members.
    const goesOn = last?.hasEnded && from.cookie?.equals(last.cookie());
    this.membership = goesOn ? last.membership : new Membership(from.groups);
    this.changes = this.#read();
  }

  get full(): boolean {
    return this.#full;
  }

  get elsewhere(): readonly string[] {
    return this.#elsewhere;
  }

  get mark(): string | undefined {
    return this.#mark;
  }

  cookie(): Buffer {
    if (!this.hasEnded) throw new Error('a run has its cookie after its last change');
    return writeCookie(this.#fingerprint, { mark: this.#mark, turn: this.#turn });
  }

  async *#read(): AsyncGenerator<DirectoryChange> {
    let brought = 0;
    for await (const change of this.#readOrStartOver()) {
      brought = 1;
      yield change;
    }
    this.#turn += brought;
    this.hasEnded = true;
  }

  async *#readOrStartOver(): AsyncGenerator<DirectoryChange> {
    try {
      return yield* this.#readOnce();
    } catch (error) {
      if (!(error instanceof StartOver) || this.#full) throw error;
    }
    this.#full = true;
    this.#mark = undefined;
    yield* this.#readOnce();
  }

  async *#readOnce(): AsyncGenerator<DirectoryChange> {
    const { facts, stream, pageSize, connect, end } = this.#context;
    const { attributes, groups } = this.from;
    const known = this.#full ? undefined : this.from.knownMembers;
    const connection = await connect();
    try {
      const isFirst = this.#full || !this.membership.isRead;
      const stale = isFirst ? await this.membership.read(connection, facts, known) : new Set<string>();
      if (this.#full) stale.clear();
      let groupsMayDiffer = this.#full;
      const setMark = (mark: string) => {
        this.#mark = mark;
      };
      const asked = { facts, attributes, groups, pageSize, mark: this.#mark, setMark };
      for await (const seen of stream(connection, asked)) {
        // Nobody says whether what is gone was a group.
        if (seen.kind !== 'entry') groupsMayDiffer = true;
        if (seen.kind === 'entry') yield this.#whole(seen.id, seen.entry);
        if (seen.kind === 'gone') yield seen;
      }
      if (groupsMayDiffer) for (const id of await this.membership.read(connection, facts, known)) stale.add(id);
      for await (const entry of readById(connection, facts, stale, [...attributes, facts.identity.attribute])) {
        yield this.#whole(idOf(facts, entry), entry);
      }
      this.#elsewhere = connection.references.branches;
    } finally {
      end(connection);
    }
  }

  #whole(id: string, { dn, attributes }: FoundEntry): DirectoryChange {
    return { kind: 'entry', entry: { id, dn, attributes, groups: this.membership.groupsOf(id) } };
  }
}
