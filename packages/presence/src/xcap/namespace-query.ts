// xmlns(prefix=namespace), one after another; ^ escapes parentheses and itself (XPointer xmlns() scheme).
const POINTER = /\s*xmlns\(\s*([\p{L}_][\p{L}\p{N}_.-]*)\s*=\s*((?:[^()^]|\^[()^])*)\)\s*/uy;
const MAXIMUM = 20;

/** RFC 4825 §6.4: the prefixes that an XCAP URI declares. undefined: it is something else. */
export function readNamespaces(query: string): Map<string, string> | undefined {
  const namespaces = new Map<string, string>();
  POINTER.lastIndex = 0;
  while (POINTER.lastIndex < query.length) {
    const match = POINTER.exec(query);
    if (match === null || namespaces.size === MAXIMUM) return undefined;
    namespaces.set(match[1]!, match[2]!.trim().replace(/\^([()^])/g, '$1'));
  }
  return namespaces;
}
