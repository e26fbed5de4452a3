/**
 * A map whose entries come and go quickly.
 *
 * V8 makes a new table for a Map each time so many entries have come, deleted ones included, and once the Map is old each of
 * these tables is born old. So the tables that are left behind hold on to what was in them until the next full collection,
 * and the young collections copy all of it: 4 KB for each registration, some 6% of all CPU at full load. Here a table
 * holds on to boxes, and a box that is taken out is emptied.
 */
export class BriefMap<Key, Value extends object> {
  readonly #boxes = new Map<Key, { value: Value | undefined }>();

  get size(): number {
    return this.#boxes.size;
  }

  get(key: Key): Value | undefined {
    return this.#boxes.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    const box = this.#boxes.get(key);
    if (box) box.value = value;
    else this.#boxes.set(key, { value });
  }

  delete(key: Key): void {
    const box = this.#boxes.get(key);
    if (!box) return;
    box.value = undefined;
    this.#boxes.delete(key);
  }

  /** A copy: what is done with them may delete them. */
  values(): Value[] {
    return Array.from(this.#boxes.values(), ({ value }) => value!);
  }
}
