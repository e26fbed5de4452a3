import type { TestDirectory } from '@rollcall/test-kit';
import { Attribute, Change, type Client } from 'ldapts';
import type { Chance } from '../presence/random.ts';

/** Locked by an administrator (slapo-ppolicy(5)). */
const LOCKED = '000001010000Z';

export interface Person {
  /** Names the entry within its container, which is one of two. */
  uid: string;
  parent: string;
}

/** The people of a directory, by those who change them: an administrator and his scripts. */
export class People {
  readonly #client: Client;
  readonly #chance: Chance;
  readonly all: Person[] = [];
  readonly #members = new Set<Person>();
  readonly containers: readonly [string, string];
  readonly administrators: string;
  #count = 0;

  private constructor(client: Client, directory: TestDirectory, chance: Chance) {
    this.#client = client;
    this.#chance = chance;
    this.containers = [directory.users, `ou=other,${directory.base}`];
    this.administrators = `cn=administrators,ou=groups,${directory.base}`;
  }

  /** Of a directory with `users` sample users. */
  static async open(directory: TestDirectory, users: number, chance: Chance): Promise<People> {
    const client = await directory.connect();
    const people = new People(client, directory, chance);
    for (let n = 1; n <= users; n++) {
      const uid = `u${String(n).padStart(5, '0')}`;
      people.all.push({ uid, parent: directory.users });
    }
    await client.add(people.containers[1], { objectClass: 'organizationalUnit', ou: 'other' });
    await client.add(people.administrators, {
      ...{ objectClass: 'groupOfNames', cn: 'administrators' },
      // A group has a member, always.
      member: directory.admin,
    });
    return people;
  }

  dn({ uid, parent }: Person): string {
    return `uid=${uid},${parent}`;
  }

  some(): Person {
    return this.#chance.of(this.all);
  }

  async add(mail?: string): Promise<string> {
    const uid = `n${++this.#count}`;
    const person = { uid, parent: this.#chance.of(this.containers) };
    await this.#client.add(this.dn(person), {
      ...{ objectClass: 'inetOrgPerson', uid, cn: `New ${uid}`, sn: uid, userPassword: 'secret' },
      mail: mail ?? `${uid}@example.test`,
    });
    this.all.push(person);
    return this.dn(person);
  }

  async remove(person: Person): Promise<void> {
    await this.leave(person);
    await this.#client.del(this.dn(person));
    this.all.splice(this.all.indexOf(person), 1);
  }

  /** Gives the entry another name, in the same container or the other one. */
  async rename(person: Person, { move }: { move: boolean }): Promise<void> {
    const member = this.#members.has(person);
    if (member) await this.leave(person);
    const before = this.dn(person);
    if (move) person.parent = this.containers.find((one) => one !== person.parent)!;
    else person.uid = `r${++this.#count}`;
    await this.#client.modifyDN(before, this.dn(person));
    if (member) await this.join(person);
  }

  async set(person: Person, attribute: string, value: string | undefined): Promise<void> {
    const modification = new Attribute({ type: attribute, values: value === undefined ? [] : [value] });
    await this.#client.modify(this.dn(person), new Change({ operation: 'replace', modification }));
  }

  setEnabled(person: Person, enabled: boolean): Promise<void> {
    return this.set(person, 'pwdAccountLockedTime', enabled ? undefined : LOCKED);
  }

  async mail(person: Person): Promise<string | undefined> {
    const { searchEntries } = await this.#client.search(this.dn(person), { scope: 'base', attributes: ['mail'] });
    return [searchEntries[0]?.mail ?? []].flat().map(String)[0];
  }

  async join(person: Person): Promise<void> {
    if (this.#members.has(person)) return;
    await this.#changeGroup('add', person);
    this.#members.add(person);
  }

  async leave(person: Person): Promise<void> {
    if (!this.#members.delete(person)) return;
    await this.#changeGroup('delete', person);
  }

  async #changeGroup(operation: 'add' | 'delete', person: Person): Promise<void> {
    const modification = new Attribute({ type: 'member', values: [this.dn(person)] });
    await this.#client.modify(this.administrators, new Change({ operation, modification }));
  }
}
