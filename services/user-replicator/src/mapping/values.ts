import { createHash } from 'node:crypto';
import type { DirectoryEntry } from '@rollcall/directory';

/** Values of one attribute that are looked at: a directory may hold thousands. */
const MOST_VALUES = 1000;

/** An entry as the mapping reads it: texts without what PostgreSQL and terminals do not take. */
export interface Values {
  /** All values that a source gives: an attribute, `dn`, or a text with attributes. */
  all(source: string): string[];
  /** The first value of the first source that has one. */
  first(sources: readonly string[]): string | undefined;
  bytes(attribute: string): readonly Buffer[];
}

/** @param domain what `{domain}` stands for */
export function valuesOf(entry: DirectoryEntry, domain: string | undefined): Values {
  const bytes = (attribute: string) => entry.attributes.get(attribute.toLowerCase())?.slice(0, MOST_VALUES) ?? [];
  const attribute = (name: string): string[] => {
    if (name === 'dn') return [plainText(entry.dn)];
    if (name === 'domain') return domain === undefined ? [] : [domain];
    return bytes(name)
      .map((value) => plainText(value.toString('utf8')))
      .filter((text) => text !== '');
  };
  const all = (source: string) => (source.includes('{') ? fill(source, attribute) : attribute(source));
  const first = (sources: readonly string[]) => {
    for (const source of sources) {
      const [value] = all(source);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  return { all, first, bytes };
}

/** A text with attributes in it has a value when each of them has: that which sorts first, in whatever order they came. */
function fill(text: string, attribute: (name: string) => string[]): string[] {
  let missing = false;
  const filled = text.replace(/\{(.*?)\}/g, (_, name: string) => {
    const [value] = attribute(name).sort();
    missing ||= value === undefined;
    return value ?? '';
  });
  return missing ? [] : [filled];
}

/** Without control characters (PostgreSQL stores no U+0000) and white space around. */
export function plainText(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

/** Of the value that sorts first: a directory gives them in any order. */
export function hashOf(values: readonly Buffer[]): string | undefined {
  const hashes = values
    .filter(({ length }) => length > 0)
    .map((value) => createHash('sha256').update(value).digest('hex'));
  return hashes.sort()[0];
}
