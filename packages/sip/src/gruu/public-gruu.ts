/**
 * The public GRUU of an instance, RFC 5627 §3.1: the address of record with a `gr` parameter that holds the
 * instance URN. `instance` is the value of `+sip.instance` with or without its angle brackets.
 */
export function publicGruu(addressOfRecord: string, instance: string): string {
  const urn = instance.replace(/^<|>$/g, '');
  return `${addressOfRecord};gr=${escapeParameter(urn)}`;
}

/** Escapes what RFC 3261 §25.1 does not let stand in the value of a uri-parameter. */
function escapeParameter(value: string): string {
  // Whole runs: half a surrogate pair cannot be escaped.
  return value.replace(/[^\w\-.!~*'()[\]/:&+$]+/g, (part) => encodeURIComponent(part.toWellFormed()));
}
